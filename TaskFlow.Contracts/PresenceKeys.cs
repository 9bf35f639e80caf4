namespace TaskFlow.Contracts;

/// <summary>
/// Where presence lives in Redis: one sorted set per task, scored by the last heartbeat (Unix milliseconds). Push writes, Api reads.
/// A member of the set is one connection: <c>{userId}:{sinceUnixMs}:{connectionId}</c>.
/// </summary>
public static class PresenceKeys
{
    /// <summary>How long a connection counts after its last heartbeat.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);

    /// <summary>How long typing counts after its last repeat.</summary>
    public static readonly TimeSpan TypingLifetime = TimeSpan.FromSeconds(10);

    /// <summary>Sorted set: the connections that view a task, by last heartbeat.</summary>
    public static string Viewers(Guid workspaceId, Guid taskId) => $"presence:{workspaceId}:{taskId}";

    /// <summary>Sorted set: the connections (same members) that type in a task, by last repeat.</summary>
    public static string Typing(Guid workspaceId, Guid taskId) => $"presence:{workspaceId}:{taskId}:typing";

    /// <summary>Sorted set: the tasks of a workspace that somebody may be on, by last heartbeat of anybody there.</summary>
    public static string Tasks(Guid workspaceId) => $"presence:{workspaceId}:tasks";

    /// <summary>Builds a member of <see cref="Viewers"/>.</summary>
    public static string Member(Guid userId, DateTimeOffset since, string connectionId) => $"{userId}:{since.ToUnixTimeMilliseconds()}:{connectionId}";

    /// <summary>Reads a member of <see cref="Viewers"/>; false when the text is not one.</summary>
    public static bool TryParseMember(string text, out Guid userId, out DateTimeOffset since, out string connectionId)
    {
        (userId, since, connectionId) = (default, default, "");
        var parts = text.Split(':', 3);
        if (parts.Length != 3 || !Guid.TryParse(parts[0], out userId) || !long.TryParse(parts[1], out var milliseconds)) return false;
        if (milliseconds is < 0 or > 253_402_300_799_999) return false;
        since = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
        connectionId = parts[2];
        return true;
    }
}
