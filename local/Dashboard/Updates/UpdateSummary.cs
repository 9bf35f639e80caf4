using TaskFlow.Local.Dashboard.Telemetry;

namespace TaskFlow.Local.Dashboard.Updates;

/// <summary>p50, p95 and p99 of a hop or of the whole way, in nanoseconds.</summary>
internal sealed record Percentiles(double P50, double P95, double P99)
{
    public static Percentiles Of(IEnumerable<long> values)
    {
        var all = values.ToArray();
        return new(MetricMath.Quantile(all, 0.5) ?? 0, MetricMath.Quantile(all, 0.95) ?? 0, MetricMath.Quantile(all, 0.99) ?? 0);
    }
}

/// <summary>What the last updates have in common.</summary>
internal sealed class UpdateSummary(IReadOnlyList<UpdateTiming> updates)
{
    private const int Columns = 60;
    private static readonly long[] Widths = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600];

    /// <summary>Only what has arrived says how long the way is.</summary>
    public IReadOnlyList<UpdateTiming> Delivered { get; } = [.. updates.Where(update => update.IsDelivered)];

    public Percentiles Total => Percentiles.Of(Delivered.Select(update => update.Total));

    public Percentiles Response => Percentiles.Of(updates.Select(update => update.Response));

    public Percentiles Of(Hop hop) => Percentiles.Of(Delivered.Select(update => update.Hops[(int)hop]));

    /// <summary>The share of a hop in all time spent.</summary>
    public double Share(Hop hop)
    {
        var all = Delivered.Sum(update => (double)update.Total);
        return all == 0 ? 0 : Delivered.Sum(update => (double)update.Hops[(int)hop]) / all;
    }

    /// <summary>Percentiles over time, in slices of a round number of seconds.</summary>
    public (long[] Times, Percentiles[] Values) OverTime()
    {
        if (Delivered.Count == 0) return ([], []);
        var first = Delivered.Min(update => update.Start);
        var last = Delivered.Max(update => update.Start);
        var width = Widths.FirstOrDefault(seconds => (last - first) / 1e9 / seconds <= Columns, Widths[^1]) * 1_000_000_000;
        var slices = Delivered.GroupBy(update => update.Start / width).OrderBy(slice => slice.Key).ToList();
        return ([.. slices.Select(slice => (slice.Key * width) + (width / 2))],
            [.. slices.Select(slice => Percentiles.Of(slice.Select(update => update.Total)))]);
    }
}
