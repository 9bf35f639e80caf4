namespace TaskFlow.Api.Http;

/// <summary>
/// A sliding window from two counters, that of this minute and that of the last: what the last minute still weighs falls as this one goes on. So a
/// limit holds over any minute, not only over those that a clock begins, and costs two small numbers per caller.
/// </summary>
internal static class SlidingWindow
{
    public static readonly TimeSpan Length = TimeSpan.FromMinutes(1);

    /// <summary>Decides on one more request. Refused ones are not counted.</summary>
    /// <param name="limit">Requests per window.</param>
    /// <param name="previous">Requests in the last window.</param>
    /// <param name="current">Requests in this window so far.</param>
    /// <param name="elapsed">How much of this window is over, 0 to 1.</param>
    public static RateLimitDecision Decide(int limit, long previous, long current, double elapsed)
    {
        var used = previous * (1 - elapsed) + current;
        if (used + 1 <= limit) return new RateLimitDecision(true, (int)(limit - used - 1), Left(1 - elapsed));

        // When will what weighs now have fallen far enough? In this window while the last one still weighs, else in the next.
        var wait = current + 1 <= limit
            ? 1 - elapsed - (limit - 1 - current) / (double)previous
            : 1 - elapsed + (1 - (limit - 1) / (double)current);
        return new RateLimitDecision(false, 0, Left(wait));
    }

    /// <summary>Which window a time falls into, and how much of it is over.</summary>
    public static (long Window, double Elapsed) At(DateTimeOffset now)
    {
        var (window, rest) = Math.DivRem(now.ToUnixTimeMilliseconds(), (long)Length.TotalMilliseconds);
        return (window, rest / Length.TotalMilliseconds);
    }

    private static int Left(double share) => Math.Max(1, (int)Math.Ceiling(share * Length.TotalSeconds));
}

/// <param name="IsAllowed">Whether the request may go on.</param>
/// <param name="Remaining">How many more may follow.</param>
/// <param name="Seconds">Until quota comes back: the wait of a refused one, the rest of the window otherwise.</param>
internal readonly record struct RateLimitDecision(bool IsAllowed, int Remaining, int Seconds);
