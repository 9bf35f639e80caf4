namespace TaskFlow.Api.Events;

/// <summary>Times as Postgres keeps them, so that an event says exactly what the changed row says.</summary>
internal static class EventClock
{
    /// <summary>Now, in whole microseconds.</summary>
    public static DateTimeOffset GetMicroseconds(this TimeProvider time)
    {
        var now = time.GetUtcNow();
        return new DateTimeOffset(now.Ticks - now.Ticks % TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);
    }

    /// <summary>Microseconds since the Unix epoch.</summary>
    public static long ToUnixMicroseconds(this DateTimeOffset at) => (at - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
