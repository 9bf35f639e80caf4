namespace TaskFlow.Local.DaprSidecar.Resiliency;

/// <summary>How often, and how far apart, a failed call is tried again.</summary>
/// <param name="IsExponential">Pauses grow; else they stay at <paramref name="Duration"/>.</param>
/// <param name="Duration">The pause of a constant policy.</param>
/// <param name="MaxInterval">Where growing pauses stop to grow.</param>
/// <param name="MaxRetries">Negative: for ever.</param>
/// <param name="Codes">HTTP status codes worth another try; null: all.</param>
internal sealed record RetryPolicy(bool IsExponential, TimeSpan Duration, TimeSpan MaxInterval, int MaxRetries, StatusCodes? Codes)
{
    // daprd's figures for an exponential policy; files cannot change them.
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestExponential = TimeSpan.FromMinutes(15);
    private const double Growth = 1.5;
    private const double Spread = 0.5;

    /// <summary>The pause before the next try, or null when there is none.</summary>
    /// <param name="failures">How many tries have failed, at least one.</param>
    /// <param name="elapsed">Since the first try began.</param>
    /// <param name="statusCode">What the last try was answered, when it was answered at all.</param>
    public TimeSpan? PauseAfter(int failures, TimeSpan elapsed, int? statusCode)
    {
        if (MaxRetries >= 0 && failures > MaxRetries) return null;
        if (statusCode is { } code && Codes is { } codes && !codes.Contain(code)) return null;
        if (!IsExponential) return Duration;
        if (elapsed > LongestExponential) return null;
        var pause = Math.Min(FirstPause.TotalMilliseconds * Math.Pow(Growth, Math.Min(failures - 1, 60)), MaxInterval.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(pause * (1 - Spread + (2 * Spread * Random.Shared.NextDouble())));
    }
}

/// <summary>Status codes as a Resiliency file lists them: <c>429,500-599</c>.</summary>
internal sealed class StatusCodes(IReadOnlyList<(int First, int Last)> ranges)
{
    public static StatusCodes? TryParse(string text)
    {
        var ranges = new List<(int, int)>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var ends = part.Split('-');
            if (ends.Length > 2 || !int.TryParse(ends[0], out var first) || !int.TryParse(ends[^1], out var last) || first < 100 || last > 599 || first > last) return null;
            ranges.Add((first, last));
        }
        return new StatusCodes(ranges);
    }

    public bool Contain(int code) => ranges.Any(range => code >= range.First && code <= range.Last);
}
