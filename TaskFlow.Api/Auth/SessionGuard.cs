using Microsoft.Extensions.Caching.Memory;
using Npgsql;
using StackExchange.Redis;
using TaskFlow.Api.Caching;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Auth;

/// <summary>
/// Says whether the session of an access token is still live. An answer counts for a few seconds; a revocation made here counts at once, one made by
/// another instance as soon as its hint arrives over Redis, and without Redis when the answer has become too old.
/// </summary>
internal sealed class SessionGuard(NpgsqlDataSource db, RedisLink redis) : IDisposable
{
    private static readonly TimeSpan LiveFor = TimeSpan.FromSeconds(3);

    private readonly MemoryCache _known = new(new MemoryCacheOptions());

    public async ValueTask<bool> IsLiveAsync(Guid sessionId, CancellationToken ct)
    {
        if (_known.TryGetValue(sessionId, out bool isLive)) return isLive;
        await using var command = db.CreateCommand("select 1 from sessions where id = $1 and revoked_at is null");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = sessionId });
        isLive = await command.ExecuteScalarAsync(ct) is not null;
        Remember(sessionId, isLive);
        return isLive;
    }

    /// <summary>Call after the revocation is committed.</summary>
    public async Task RevokedAsync(Guid sessionId)
    {
        Remember(sessionId, isLive: false);
        await redis.PublishAsync(Topology.Channels.SessionsRevoked, sessionId.ToString());
    }

    public void Hear(RedisValue message)
    {
        if (Guid.TryParse((string?)message, out var sessionId)) Remember(sessionId, isLive: false);
    }

    public void Dispose() => _known.Dispose();

    /// <summary>Revocation is for ever, so it may be remembered for as long as tokens of the session can turn up.</summary>
    private void Remember(Guid sessionId, bool isLive) =>
        _known.Set(sessionId, isLive, isLive ? LiveFor : AccessTokens.AccessLifetime + TimeSpan.FromMinutes(1));
}

/// <summary>Listens for revocations made by other instances.</summary>
internal sealed class RevocationListener(RedisLink redis, SessionGuard guard) : BackgroundService
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Once subscribed, the client library subscribes again after each reconnect; until the first time, we try.
        while (true)
        {
            try
            {
                await redis.Subscriber.SubscribeAsync(RedisChannel.Literal(Topology.Channels.SessionsRevoked), (_, message) => guard.Hear(message));
                return;
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException)
            {
                await Task.Delay(RetryDelay, stoppingToken);
            }
        }
    }
}
