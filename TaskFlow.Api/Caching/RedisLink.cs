using StackExchange.Redis;

namespace TaskFlow.Api.Caching;

/// <summary>
/// Redis as something that may be missing: a command that cannot be served at once yields the fallback. After a failure Redis is left alone for a
/// moment, so that a server which hangs costs one short timeout and not one per request.
/// </summary>
internal sealed partial class RedisLink(IConnectionMultiplexer redis, TimeProvider time, ILogger<RedisLink> logger)
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    private long _restsUntil;

    public bool IsUsable => redis.IsConnected && time.GetTimestamp() >= Volatile.Read(ref _restsUntil);

    public ISubscriber Subscriber => redis.GetSubscriber();

    public async ValueTask<T> TryAsync<T>(Func<IDatabase, Task<T>> command, T fallback)
    {
        if (!IsUsable) return fallback;
        try
        {
            return await command(redis.GetDatabase());
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException)
        {
            Volatile.Write(ref _restsUntil, time.GetTimestamp() + (long)(Rest.TotalSeconds * time.TimestampFrequency));
            LogFailure(exception.Message);
            return fallback;
        }
    }

    /// <summary>Tells whoever listens; nobody hears it while Redis is away.</summary>
    public ValueTask<long> PublishAsync(string channel, string message) =>
        TryAsync(database => database.PublishAsync(RedisChannel.Literal(channel), message), 0);

    [LoggerMessage(LogLevel.Warning, "Redis is not usable just now: {Reason}")]
    private partial void LogFailure(string reason);
}
