using Microsoft.Extensions.Caching.Memory;
using Npgsql;
using StackExchange.Redis;
using TaskFlow.Api.Caching;

namespace TaskFlow.Api.Access;

/// <summary>
/// Roles by workspace and person, asked for by every request. They are cached in Redis, per workspace under a version that every change of its members
/// replaces: a reader who started before the change cannot put its old answer back, so what is read after a change is right on every instance.
/// Without Redis each request asks Postgres. Changes read the role once more in their transaction, and need not ask here again and again.
/// </summary>
internal sealed class Memberships(NpgsqlDataSource db, RedisLink redis, TimeProvider time) : IDisposable
{
    /// <summary>Bounds what a change could leave behind that was made while Redis could not be told.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(500);

    private const string Stranger = "";

    private static readonly TimeSpan RememberedFor = TimeSpan.FromSeconds(3);

    private readonly MemoryCache _remembered = new(new MemoryCacheOptions { SizeLimit = 100_000 });

    /// <summary>A role that this instance has read a moment ago, for those who read it again before it counts; null when there is none.</summary>
    public string? Remembered(Guid workspaceId, Guid userId) => _remembered.TryGetValue((workspaceId, userId), out string? role) ? role : null;

    public async ValueTask<string?> FindRoleAsync(Guid workspaceId, Guid userId, CancellationToken ct)
    {
        var role = await FindAsync(workspaceId, userId, ct);
        if (role is not null) _remembered.Set((workspaceId, userId), role, new MemoryCacheEntryOptions { AbsoluteExpirationRelativeToNow = RememberedFor, Size = 1 });
        return role;
    }

    public void Dispose() => _remembered.Dispose();

    private async ValueTask<string?> FindAsync(Guid workspaceId, Guid userId, CancellationToken ct)
    {
        var key = Key(workspaceId);
        var (version, cached) = await redis.TryAsync(async database =>
        {
            var values = await database.HashGetAsync(key, [VersionField, userId.ToString()]);
            return (Version: (string?)values[0] ?? "0", Role: (string?)values[1]);
        }, (null!, null));
        if (cached is not null) return cached == Stranger ? null : cached;

        var role = await ReadAsync(workspaceId, userId, ct);
        if (version is not null)
        {
            await redis.TryAsync<RedisResult?>(async database => await database.ScriptEvaluateAsync(StoreScript, [key],
                [version, userId.ToString(), role ?? Stranger, (long)Lifetime.TotalMilliseconds]), null);
        }
        return role;
    }

    /// <summary>Call after a change of members is committed, and before it is answered.</summary>
    public async ValueTask ChangedAsync(Guid workspaceId)
    {
        if (!await TryForgetAsync(workspaceId)) _ = ForgetLaterAsync(workspaceId);
    }

    private ValueTask<bool> TryForgetAsync(Guid workspaceId) => redis.TryAsync(async database =>
    {
        await database.ScriptEvaluateAsync(ForgetScript, [Key(workspaceId)], [Guid.NewGuid().ToString(), (long)(Lifetime * 2).TotalMilliseconds]);
        return true;
    }, false);

    /// <summary>Redis is away, or rests after a failure: what it still holds must go before anybody reads it again.</summary>
    private async Task ForgetLaterAsync(Guid workspaceId)
    {
        for (var waited = TimeSpan.Zero; waited < Lifetime * 2; waited += RetryDelay)
        {
            await Task.Delay(RetryDelay, time);
            if (await TryForgetAsync(workspaceId)) return;
        }
    }

    private const string VersionField = "version";

    private const string StoreScript = """
        if (redis.call('HGET', KEYS[1], 'version') or '0') ~= ARGV[1] then return 0 end
        redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
        if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[4]) end
        return 1
        """;

    private const string ForgetScript = """
        redis.call('DEL', KEYS[1])
        redis.call('HSET', KEYS[1], 'version', ARGV[1])
        redis.call('PEXPIRE', KEYS[1], ARGV[2])
        return 1
        """;

    private static RedisKey Key(Guid workspaceId) => $"members:{workspaceId}";

    private async Task<string?> ReadAsync(Guid workspaceId, Guid userId, CancellationToken ct)
    {
        await using var command = db.CreateCommand("select role from members where workspace_id = $1 and user_id = $2");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = workspaceId });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = userId });
        return (string?)await command.ExecuteScalarAsync(ct);
    }
}
