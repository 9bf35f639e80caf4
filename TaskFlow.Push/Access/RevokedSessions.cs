using System.Collections.Concurrent;

namespace TaskFlow.Push.Access;

/// <summary>Sessions known to be revoked, kept as long as any of their tokens could still be shown.</summary>
internal sealed class RevokedSessions(TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(20);
    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _sessions = new();

    public bool Contains(Guid session) => _sessions.ContainsKey(session);

    /// <summary>True when that is news.</summary>
    public bool Add(Guid session) => _sessions.TryAdd(session, time.GetUtcNow() + Lifetime);

    public void Forget()
    {
        var now = time.GetUtcNow();
        foreach (var (session, until) in _sessions) if (until < now) _sessions.TryRemove(session, out _);
    }
}
