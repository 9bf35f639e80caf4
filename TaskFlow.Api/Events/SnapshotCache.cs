using System.Text;
using StackExchange.Redis;
using TaskFlow.Api.Caching;

namespace TaskFlow.Api.Events;

/// <summary>What a snapshot is of. Two with the same key are the same, but for the caller's role: whoever knows the head knows whether a kept one is right.</summary>
internal readonly record struct SnapshotKey(Guid WorkspaceId, string Epoch, long Head);

/// <summary>
/// Keeps snapshots in Redis for when many clients load the same one, as after a restart. They are found by the head that Postgres has just told, so a
/// write makes all older ones unfindable. Kept is only what is asked for a second time: in a busy workspace that is nothing.
/// </summary>
internal sealed class SnapshotCache(RedisLink redis)
{
    private const int MaxBytes = 8 * 1024 * 1024;
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(2);

    private readonly int[] _asked = new int[4096];

    /// <summary>A kept snapshot with the caller's role in it; null when there is none, or no Redis.</summary>
    public async Task<ReadOnlyMemory<byte>?> FindAsync(SnapshotKey key, string role)
    {
        var kept = await redis.TryAsync<byte[]?>(async database => await database.StringGetAsync(NameOf(key)), null);
        if (kept is null) return null;
        byte[] body = [.. Beginning(role), .. kept];
        return body;
    }

    /// <summary>Keeps a snapshot if it has been asked for before.</summary>
    public async Task KeepAsync(SnapshotKey key, string role, ReadOnlyMemory<byte> body)
    {
        var hash = key.GetHashCode();
        var isSecond = Interlocked.Exchange(ref _asked[(uint)hash % _asked.Length], hash) == hash;
        if (!isSecond || body.Length > MaxBytes) return;
        var rest = body[Beginning(role).Length..];
        await redis.TryAsync(database => database.StringSetAsync(NameOf(key), (RedisValue)rest, Lifetime), false);
    }

    private static RedisKey NameOf(SnapshotKey key) => $"snapshot:{key.Epoch}:{key.WorkspaceId}:{key.Head}";

    /// <summary>All that differs between callers stands here, so that it can be cut off and put in front again.</summary>
    private static byte[] Beginning(string role) => Encoding.UTF8.GetBytes($$"""{"workspace":{"role":"{{role}}",""");
}
