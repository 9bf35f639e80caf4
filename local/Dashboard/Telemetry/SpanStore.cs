namespace TaskFlow.Local.Dashboard.Telemetry;

/// <summary>Spans by trace, within a budget of bytes: whole traces go, the one that began to arrive first before the others.</summary>
internal sealed class SpanStore(DashboardOptions options)
{
    private const int MaxLinks = 64;
    private const int TraceBytes = 400;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Trace> _traces = [];
    private readonly LinkedList<Trace> _order = [];
    private readonly Followers<Span> _followers = new();
    private long _bytes;

    public long Version { get; private set; }

    public int SpanCount { get; private set; }

    public long Evicted { get; private set; }

    /// <summary>False when the span's trace is full.</summary>
    public bool Add(Span span)
    {
        lock (_lock)
        {
            var bytes = Size(span);
            // Refused before its trace is made: a trace without a span is nothing that can be shown.
            if (TraceBytes + bytes > options.MaxSpanBytes) return false;
            if (!_traces.TryGetValue(span.TraceId, out var trace))
            {
                _traces[span.TraceId] = trace = new Trace(span.TraceId) { Bytes = TraceBytes };
                _bytes += TraceBytes;
                _order.AddLast(trace);
            }
            if (trace.Spans.Count >= options.MaxSpansPerTrace || trace.Bytes + bytes > options.MaxSpanBytes) return false;
            trace.Spans.Add(span);
            trace.Bytes += bytes;
            trace.Version++;
            trace.View = null;
            foreach (var link in span.Links) Link(span, link);
            span.Resource.HasSpans = true;
            _bytes += bytes;
            SpanCount++;
            Version++;
            while (_bytes > options.MaxSpanBytes) Evict();
        }
        _followers.Publish(span);
        return true;
    }

    /// <summary>The spans that match: those that are there, then each as it arrives.</summary>
    public IAsyncEnumerable<Span> FollowAsync(Func<Span, bool> matches, CancellationToken cancellationToken) =>
        _followers.FollowAsync(() => Traces(_ => true, int.MaxValue).SelectMany(trace => trace.Spans).OrderBy(span => span.Start), matches, cancellationToken);

    /// <summary>The traces that match, last arrived first.</summary>
    public List<TraceView> Traces(Func<TraceView, bool> matches, int limit)
    {
        var result = new List<TraceView>();
        lock (_lock)
        {
            for (var node = _order.Last; node is not null && result.Count < limit; node = node.Previous)
            {
                var view = View(node.Value);
                if (matches(view)) result.Add(view);
            }
        }
        return result;
    }

    public TraceView? Trace(string id)
    {
        lock (_lock) return _traces.TryGetValue(id, out var trace) ? View(trace) : null;
    }

    /// <summary>The spans that link to this one.</summary>
    public List<Span> LinkedFrom(string traceId, string spanId)
    {
        lock (_lock)
        {
            return _traces.TryGetValue(traceId, out var trace)
                ? [.. trace.LinkedFrom.Where(span => span.Links.Any(link => link.TraceId == traceId && link.SpanId == spanId))]
                : [];
        }
    }

    public int TraceCount
    {
        get
        {
            lock (_lock) return _order.Count;
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            _traces.Clear();
            _order.Clear();
            _bytes = SpanCount = 0;
            Version++;
        }
    }

    private void Link(Span span, SpanLink link)
    {
        if (link.TraceId == span.TraceId || !_traces.TryGetValue(link.TraceId, out var target) || target.LinkedFrom.Count >= MaxLinks) return;
        target.LinkedFrom.Add(span);
        target.Version++;
        target.View = null;
    }

    private void Evict()
    {
        var oldest = _order.First!.Value;
        _order.RemoveFirst();
        _traces.Remove(oldest.Id);
        _bytes -= oldest.Bytes;
        SpanCount -= oldest.Spans.Count;
        Evicted += oldest.Spans.Count;
    }

    private static TraceView View(Trace trace) => trace.View ??= new TraceView(trace);

    /// <summary>An estimate on the high side: the object, its arrays and its strings, shared or not.</summary>
    private static long Size(Span span)
    {
        long bytes = 360 + Sizes.Of(span.Name) + (2 * (span.StatusMessage.Length + span.TraceState.Length)) + Sizes.Of(span.Attributes);
        foreach (var item in span.Events) bytes += 64 + Sizes.Of(item.Name) + Sizes.Of(item.Attributes);
        foreach (var link in span.Links) bytes += 200 + Sizes.Of(link.Attributes);
        return bytes;
    }
}

internal static class Sizes
{
    public static long Of(Tag[] attributes)
    {
        long bytes = 24;
        // Short values are pooled as a rule.
        foreach (var (key, value) in attributes) bytes += 16 + Of(key) + (value.Length > 24 ? 24 + (2 * value.Length) : 16);
        return bytes;
    }

    /// <summary>A name or key: one string for all of its kind, unless it is longer than the pool takes.</summary>
    public static long Of(string name) => name.Length > StringPool.MaxLength ? 24 + (2 * name.Length) : 0;
}
