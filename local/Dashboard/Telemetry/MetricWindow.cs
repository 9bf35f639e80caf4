namespace TaskFlow.Local.Dashboard.Telemetry;

/// <summary>An instrument over a window of time, cut into equal slices.</summary>
internal sealed class MetricWindow
{
    public const int Slices = 90;

    public MetricWindow(long until, long nanoseconds)
    {
        var width = nanoseconds / Slices;
        // Slices stand on multiples of their width, so that a chart moves on without flickering.
        Until = ((until / width) + 1) * width;
        From = Until - nanoseconds;
        Width = width;
        Times = [.. Enumerable.Range(1, Slices).Select(i => From + (i * width))];
    }

    public long From { get; }

    public long Until { get; }

    public long Width { get; }

    /// <summary>The ends of the slices.</summary>
    public long[] Times { get; }

    /// <summary>A level in each slice; null before the first point and where points stopped coming.</summary>
    public double?[] Levels(SeriesView series) => [.. Times.Select(time =>
        MetricMath.At(series.Samples, time) is { } sample && sample.Time > time - Math.Max(Width, Silence(series)) ? sample.Value : (double?)null)];

    /// <summary>What a growing sum grew by per second.</summary>
    public double?[] Rates(SeriesView series) => [.. Times.Select(time => Growth(series, time) is { } growth ? growth.Value / (Width / 1e9) : (double?)null)];

    /// <summary>What a histogram counted per second, over all series.</summary>
    public double?[] CountRates(IReadOnlyCollection<SeriesView> series) =>
        [.. Times.Select(time => Merge(series.Select(one => Growth(one, time))) is { } growth ? growth.Count / (Width / 1e9) : (double?)null)];

    /// <summary>A quantile of a histogram in each slice, over all series with the same bounds as the first.</summary>
    public double?[] Quantiles(IReadOnlyCollection<SeriesView> series, double quantile)
    {
        var bounds = series.FirstOrDefault()?.Bounds ?? [];
        var alike = series.Where(one => one.Bounds.AsSpan().SequenceEqual(bounds)).ToList();
        return [.. Times.Select(time =>
            Merge(alike.Select(one => Growth(one, time))) is { Buckets: { } buckets } ? MetricMath.Quantile(bounds, buckets, quantile) : null)];
    }

    /// <summary>All that was added in the window.</summary>
    public Sample? Whole(SeriesView series) => MetricMath.Between(series.Samples, From, Until);

    public static Sample? Merge(IEnumerable<Sample?> samples)
    {
        Sample? sum = null;
        foreach (var sample in samples)
        {
            if (sample is not { } next) continue;
            if (sum is not { } before)
            {
                sum = next with { Buckets = next.Buckets?.ToArray() };
                continue;
            }
            for (var i = 0; i < (before.Buckets?.Length ?? 0) && i < (next.Buckets?.Length ?? 0); i++) before.Buckets![i] += next.Buckets![i];
            sum = before with { Value = before.Value + next.Value, Count = before.Count + next.Count };
        }
        return sum;
    }

    private Sample? Growth(SeriesView series, long time) =>
        series.Samples.Length == 0 || series.Samples[0].Time >= time || series.Samples[^1].Time <= time - Width
        ? null : MetricMath.Between(series.Samples, time - Width, time);

    /// <summary>Points come every few seconds to every minute: only a longer silence is a gap.</summary>
    private static long Silence(SeriesView series) => series.Samples.Length < 2 ? 60_000_000_000
        : Math.Max(10_000_000_000, 3 * (series.Samples[^1].Time - series.Samples[0].Time) / (series.Samples.Length - 1));
}
