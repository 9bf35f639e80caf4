namespace TaskFlow.Local.Dashboard.Telemetry;

/// <summary>Reads totals as what happened between two moments.</summary>
internal static class MetricMath
{
    /// <summary>The last sample at or before a time; null before the first.</summary>
    public static Sample? At(Sample[] samples, long time)
    {
        var (low, high) = (0, samples.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (samples[middle].Time <= time) low = middle + 1;
            else high = middle;
        }
        return low == 0 ? null : samples[low - 1];
    }

    /// <summary>What was added between two moments; a total that fell began anew in between.</summary>
    public static Sample? Between(Sample[] samples, long from, long to)
    {
        if (At(samples, to) is not { } end) return null;
        // Before the first sample nothing is known: it is what the difference is taken from.
        var start = At(samples, from) ?? samples[0];
        if (end.Time <= start.Time) return new Sample(to, 0, 0, end.Buckets is null ? null : new ulong[end.Buckets.Length]);
        if (end.Count < start.Count || (end.Buckets is null && end.Value < start.Value)) return end;
        ulong[]? buckets = null;
        if (end.Buckets is not null)
        {
            buckets = new ulong[end.Buckets.Length];
            for (var i = 0; i < buckets.Length; i++) buckets[i] = end.Buckets[i] - Math.Min(end.Buckets[i], start.Buckets?[i] ?? 0);
        }
        return new Sample(end.Time, end.Value - start.Value, end.Count - start.Count, buckets);
    }

    /// <summary>A quantile of a histogram, linear within its bucket; null without values. Above the last bound it is that bound: more is not known.</summary>
    public static double? Quantile(double[] bounds, ReadOnlySpan<ulong> counts, double quantile)
    {
        ulong total = 0;
        foreach (var count in counts) total += count;
        if (total == 0 || bounds.Length == 0) return null;
        var rank = quantile * total;
        double seen = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            if (counts[i] == 0 || seen + counts[i] < rank)
            {
                seen += counts[i];
                continue;
            }
            if (i >= bounds.Length) return bounds[^1];
            var lower = i == 0 ? Math.Min(0, bounds[0]) : bounds[i - 1];
            return lower + ((bounds[i] - lower) * ((rank - seen) / counts[i]));
        }
        return bounds[^1];
    }

    /// <summary>A quantile of plain values, which need not be sorted; null without values.</summary>
    public static double? Quantile(IEnumerable<long> values, double quantile)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? null : sorted[Math.Clamp((int)Math.Ceiling(quantile * sorted.Length) - 1, 0, sorted.Length - 1)];
    }
}
