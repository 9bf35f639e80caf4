namespace TaskFlow.Local.Dashboard.Telemetry;

/// <summary>Metric points by instrument and series, within a budget of bytes: the oldest points of all series go first.</summary>
internal sealed class MetricStore(DashboardOptions options, TimeProvider time)
{
    private const int MaxSamples = 1_800;
    private readonly Lock _lock = new();
    private readonly Dictionary<InstrumentKey, Instrument> _instruments = [];
    private readonly long _born = time.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000;
    private long _bytes;
    private int _series;

    public long Version { get; private set; }

    public long Evicted { get; private set; }

    public int SeriesCount => _series;

    /// <summary>
    /// Adds a point. <paramref name="isDelta"/>: it counts since the point before, not since the start. <paramref name="start"/>: since when it counts;
    /// 0 for a level.
    /// </summary>
    public void Add(Instrument described, Tag[] attributes, double[] bounds, Sample sample, bool isDelta, long start)
    {
        lock (_lock)
        {
            var instrument = Find(described);
            var key = Key(attributes);
            if (!instrument.Series.TryGetValue(key, out var series))
            {
                if (_series >= options.MaxSeries) RemoveStalest();
                instrument.Series[key] = series = new Series(attributes) { Bounds = bounds };
                _series++;
                _bytes += SeriesBytes(instrument, series);
                // The stalest series may have been this instrument's last, and taken it along.
                _instruments[described.Key] = instrument;
            }
            if (!bounds.AsSpan().SequenceEqual(series.Bounds))
            {
                Remove(series, series.Samples.Count);
                // What is taken off when the series goes is what its last bounds were put on with.
                _bytes += 8 * (bounds.Length - series.Bounds.Length);
                series.Bounds = bounds;
            }
            // What began under our eyes began at zero, so that its first point counts too.
            if (series.Samples.Count == 0 && start >= _born && start < sample.Time)
                Append(series, new Sample(start, 0, 0, sample.Buckets is null ? null : new ulong[sample.Buckets.Length]));
            Append(series, isDelta && series.Samples.Count > 0 ? AddUp(series.Samples[^1], sample) : sample);
            instrument.Key.Resource.HasMetrics = true;
            Version++;
            if (_bytes > options.MaxMetricBytes) Trim();
        }
    }

    public List<InstrumentView> Instruments(Func<Instrument, bool> matches, long since)
    {
        lock (_lock)
        {
            return [.. _instruments.Values.Where(matches).Select(instrument => new InstrumentView(
                instrument.Key, instrument.Kind, instrument.Description, instrument.Unit, instrument.IsMonotonic,
                [.. instrument.Series.Values.Select(series => new SeriesView(series.Attributes, series.Bounds, Since(series.Samples, since)))]))];
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            _instruments.Clear();
            _bytes = _series = 0;
            Version++;
        }
    }

    private Instrument Find(Instrument described)
    {
        // Another kind under the same name is another instrument: the old one's points mean nothing beside the new ones.
        if (_instruments.TryGetValue(described.Key, out var instrument) && instrument.Kind == described.Kind)
        {
            instrument.Description = described.Description;
            instrument.Unit = described.Unit;
            instrument.IsMonotonic = described.IsMonotonic;
            return instrument;
        }
        if (instrument is not null) Remove(instrument);
        return _instruments[described.Key] = described;
    }

    private void Append(Series series, Sample sample)
    {
        var samples = series.Samples;
        if (samples.Count > 0 && sample.Time < samples[^1].Time) return;
        // A level that does not change costs two points, however long it lasts.
        if (samples.Count > 1 && IsSame(samples[^1], sample) && IsSame(samples[^2], sample))
        {
            samples[^1] = sample with { Buckets = samples[^1].Buckets };
            return;
        }
        if (samples.Count >= MaxSamples) Remove(series, MaxSamples / 4);
        samples.Add(sample);
        _bytes += Bytes(sample);
    }

    private void Remove(Series series, int count)
    {
        for (var i = 0; i < count; i++) _bytes -= Bytes(series.Samples[i]);
        series.Samples.RemoveRange(0, count);
        Evicted += count;
    }

    private void Remove(Instrument instrument)
    {
        foreach (var key in instrument.Series.Keys.ToArray()) Remove(instrument, key);
        _instruments.Remove(instrument.Key);
    }

    private void Remove(Instrument instrument, string key)
    {
        if (!instrument.Series.Remove(key, out var series)) return;
        Remove(series, series.Samples.Count);
        _bytes -= SeriesBytes(instrument, series);
        _series--;
    }

    private void RemoveStalest()
    {
        Instrument? from = null;
        string? key = null;
        var oldest = long.MaxValue;
        foreach (var instrument in _instruments.Values)
        {
            foreach (var (name, series) in instrument.Series)
            {
                var last = series.Samples.Count == 0 ? 0 : series.Samples[^1].Time;
                if (last >= oldest) continue;
                (from, key, oldest) = (instrument, name, last);
            }
        }
        if (from is null) return;
        Remove(from, key!);
        if (from.Series.Count == 0) _instruments.Remove(from.Key);
    }

    /// <summary>Drops the oldest quarter of the time that is kept, so that it runs seldom.</summary>
    private void Trim()
    {
        var all = _instruments.Values.SelectMany(instrument => instrument.Series.Values).Where(series => series.Samples.Count > 0).ToList();
        var first = all.Min(series => series.Samples[0].Time);
        var last = all.Max(series => series.Samples[^1].Time);
        var cut = first + ((last - first) / 4);
        foreach (var series in all)
        {
            var old = 0;
            while (old < series.Samples.Count - 1 && series.Samples[old].Time <= cut) old++;
            if (old > 0) Remove(series, old);
        }
        while (_bytes > options.MaxMetricBytes && _series > 1) RemoveStalest();
    }

    private static Sample AddUp(Sample total, Sample delta)
    {
        ulong[]? buckets = null;
        if (delta.Buckets is { } added)
        {
            buckets = [.. added];
            for (var i = 0; i < buckets.Length && i < (total.Buckets?.Length ?? 0); i++) buckets[i] += total.Buckets![i];
        }
        return new Sample(delta.Time, total.Value + delta.Value, total.Count + delta.Count, buckets);
    }

    private static bool IsSame(Sample a, Sample b) => a.Value.Equals(b.Value) && a.Count == b.Count;

    private static Sample[] Since(List<Sample> samples, long since)
    {
        // The point before the window is what the first difference is taken from.
        var first = samples.FindIndex(sample => sample.Time >= since);
        return first < 0 ? [.. samples.TakeLast(1)] : [.. samples.Skip(Math.Max(0, first - 1))];
    }

    private static string Key(Tag[] attributes)
    {
        Array.Sort(attributes, (a, b) => string.CompareOrdinal(a.Key, b.Key));
        return string.Join('\u0001', attributes.Select(attribute => $"{attribute.Key}\u0002{attribute.Value}"));
    }

    private static long Bytes(Sample sample) => 32 + ((sample.Buckets?.Length ?? -3) * 8) + 24;

    /// <summary>With the instrument's name: each series may be the only one of its instrument.</summary>
    private static long SeriesBytes(Instrument instrument, Series series) =>
        300 + Sizes.Of(instrument.Key.Name) + (3 * Sizes.Of(series.Attributes)) + (8 * series.Bounds.Length);
}
