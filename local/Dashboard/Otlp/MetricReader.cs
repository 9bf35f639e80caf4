using System.Globalization;
using TaskFlow.Local.Dashboard.Otlp.Contracts;
using TaskFlow.Local.Dashboard.Telemetry;

namespace TaskFlow.Local.Dashboard.Otlp;

/// <summary>Reads the five kinds of OTLP metrics into three: levels, sums and histograms.</summary>
internal sealed class MetricReader(TelemetryStore store)
{
    private const int Delta = 1;
    private const int MaxBuckets = 512;

    public void Take(MetricMessage? metric, TelemetryResource resource, Scope scope, Refusals refusals)
    {
        if (string.IsNullOrEmpty(metric?.Name))
        {
            refusals.Add("a metric without a name");
            return;
        }
        if (metric.Gauge is { } gauge) TakeNumbers(Describe(InstrumentKind.Gauge), gauge.DataPoints, isDelta: false, refusals);
        else if (metric.Sum is { } sum)
            TakeNumbers(Describe(InstrumentKind.Sum, sum.IsMonotonic), sum.DataPoints, sum.AggregationTemporality == Delta, refusals);
        else if (metric.Histogram is { } histogram) TakeHistogram(Describe(InstrumentKind.Histogram), histogram, refusals);
        else if (metric.ExponentialHistogram is { } exponential) TakeExponential(Describe(InstrumentKind.Histogram), exponential, refusals);
        else if (metric.Summary is { } summary) TakeSummary(Describe(InstrumentKind.Gauge), summary, refusals);
        else refusals.Add($"metric {metric.Name} has no data");

        Instrument Describe(InstrumentKind kind, bool isMonotonic = false) => new(new InstrumentKey(resource, scope, store.Attributes.Name(metric.Name)), kind)
        {
            Description = store.Attributes.Name(metric.Description),
            Unit = store.Attributes.Name(metric.Unit),
            IsMonotonic = isMonotonic,
        };
    }

    private void TakeNumbers(Instrument instrument, List<NumberPoint>? points, bool isDelta, Refusals refusals)
    {
        foreach (var point in points ?? [])
        {
            var value = point?.AsDouble ?? point?.AsInt;
            if (value is not { } number || !double.IsFinite(number)) refusals.Add($"a point of {instrument.Key.Name} has no finite value");
            else
                Add(instrument, point!.Attributes, [], new Sample(Receiver.Nanoseconds(point.TimeUnixNano), number, 0, null), isDelta,
                    instrument.Kind == InstrumentKind.Gauge ? 0 : point.StartTimeUnixNano);
        }
    }

    private void TakeHistogram(Instrument instrument, HistogramMessage histogram, Refusals refusals)
    {
        foreach (var point in histogram.DataPoints ?? [])
        {
            var buckets = point?.BucketCounts ?? [];
            var bounds = point?.ExplicitBounds ?? [];
            if (point is null || buckets.Length > MaxBuckets || (buckets.Length > 0 && buckets.Length != bounds.Length + 1) || !IsRising(bounds))
                refusals.Add($"a point of {instrument.Key.Name} has buckets that do not fit its bounds");
            else
                Add(instrument, point.Attributes, buckets.Length == 0 ? [] : bounds,
                    new Sample(Receiver.Nanoseconds(point.TimeUnixNano), point.Sum ?? 0, point.Count, buckets),
                        histogram.AggregationTemporality == Delta, point.StartTimeUnixNano);
        }
    }

    private void TakeExponential(Instrument instrument, ExponentialHistogramMessage histogram, Refusals refusals)
    {
        foreach (var point in histogram.DataPoints ?? [])
        {
            if (point is null || point.Scale is < -10 or > 20 || (point.Positive?.BucketCounts?.Length ?? 0) > MaxBuckets)
                refusals.Add($"a point of {instrument.Key.Name} has a scale or buckets out of range");
            else
                Add(instrument, point.Attributes, ExponentialGrid.Bounds, new Sample(Receiver.Nanoseconds(point.TimeUnixNano), point.Sum ?? 0, point.Count,
                    ExponentialGrid.Counts(point)), histogram.AggregationTemporality == Delta, point.StartTimeUnixNano);
        }
    }

    private void TakeSummary(Instrument instrument, SummaryMessage summary, Refusals refusals)
    {
        foreach (var point in summary.DataPoints ?? [])
        {
            foreach (var quantile in point?.QuantileValues ?? [])
            {
                if (quantile is null || !double.IsFinite(quantile.Value))
                {
                    refusals.Add($"a quantile of {instrument.Key.Name} has no finite value");
                    continue;
                }
                KeyValue name = new() { Key = "quantile", Value = new AnyValue { StringValue = quantile.Quantile.ToString(CultureInfo.InvariantCulture) } };
                Add(instrument, [.. point!.Attributes ?? [], name], [],
                    new Sample(Receiver.Nanoseconds(point.TimeUnixNano), quantile.Value, 0, null), isDelta: false, start: 0);
            }
        }
    }

    private void Add(Instrument instrument, List<KeyValue>? attributes, double[] bounds, Sample sample, bool isDelta, ulong start) =>
        store.Metrics.Add(instrument, store.Attributes.Read(attributes), bounds, sample, isDelta, Receiver.Nanoseconds(start));

    private static bool IsRising(double[] bounds)
    {
        for (var i = 0; i < bounds.Length; i++)
        {
            if (!double.IsFinite(bounds[i]) || (i > 0 && bounds[i] <= bounds[i - 1])) return false;
        }
        return true;
    }
}

/// <summary>
/// Exponential histograms change their scale and offset from point to point. All are put on one grid, four buckets per doubling (a percentile is right within
/// nine per cent), so that two points can be subtracted. Values below zero count with zero.
/// </summary>
internal static class ExponentialGrid
{
    private const int PerDoubling = 4;
    private const int Lowest = -20 * PerDoubling;
    private const int Highest = 40 * PerDoubling;

    public static readonly double[] Bounds = [.. Enumerable.Range(Lowest, Highest - Lowest + 1).Select(index => Math.Pow(2, index / (double)PerDoubling))];

    public static ulong[] Counts(ExponentialPoint point)
    {
        var counts = new ulong[Bounds.Length + 1];
        counts[0] = point.ZeroCount;
        foreach (var count in point.Negative?.BucketCounts ?? []) counts[0] += count;
        var factor = Math.Pow(2, -point.Scale) * PerDoubling;
        foreach (var (index, count) in (point.Positive?.BucketCounts ?? []).Index())
        {
            // The bucket covers (base^i, base^(i+1)]: its middle decides where it belongs.
            var middle = ((double)point.Positive!.Offset + index + 0.5) * factor;
            counts[(int)Math.Clamp(Math.Ceiling(middle) - Lowest, 0, counts.Length - 1)] += count;
        }
        return counts;
    }
}
