namespace TaskFlow.Push.Presence;

/// <summary>A connection is on a task. Times are Unix milliseconds, as in the sorted sets.</summary>
internal sealed class Viewing(Guid taskId, long since)
{
    public Guid TaskId => taskId;
    public long Since { get; set; } = since;
    public long HeardAt { get; set; } = since;
    public long TypingAt { get; set; }
}
