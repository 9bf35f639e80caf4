namespace TaskFlow.Push;

/// <summary>Time as the connections keep it: whole seconds since the start fit into four bytes.</summary>
internal sealed class Clock(TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();

    public TimeProvider Provider => time;
    public int Seconds => (int)time.GetElapsedTime(_start).TotalSeconds;
    public DateTimeOffset UtcNow => time.GetUtcNow();
    public long UnixMilliseconds => time.GetUtcNow().ToUnixTimeMilliseconds();
    public long UnixMicroseconds => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
