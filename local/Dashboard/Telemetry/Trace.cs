namespace TaskFlow.Local.Dashboard.Telemetry;

/// <summary>The spans that share a trace id. Changed only under the lock of its <see cref="SpanStore"/>; readers get a <see cref="TraceView"/>.</summary>
internal sealed class Trace(string id)
{
    public string Id { get; } = id;

    public List<Span> Spans { get; } = [];

    /// <summary>Spans of any trace that link to a span of this one: what was sent in one message together carries on in the trace of the first.</summary>
    public List<Span> LinkedFrom { get; } = [];

    public long Bytes { get; set; }

    /// <summary>Rises with every span: whoever keeps something computed from the trace sees that it is stale.</summary>
    public int Version { get; set; }

    public TraceView? View { get; set; }
}

/// <summary>A trace as it was at one moment, in order of start.</summary>
public sealed class TraceView
{
    internal TraceView(Trace trace)
    {
        Id = trace.Id;
        Version = trace.Version;
        Spans = [.. trace.Spans];
        LinkedFrom = [.. trace.LinkedFrom];
        Array.Sort(Spans, (a, b) => a.Start != b.Start ? a.Start.CompareTo(b.Start) : b.End.CompareTo(a.End));
        Start = Spans[0].Start;
        End = Spans.Max(span => span.End);
        var ids = Spans.Select(span => span.SpanId).ToHashSet();
        Root = Spans.FirstOrDefault(span => span.ParentId.Length == 0) ?? Spans.FirstOrDefault(span => !ids.Contains(span.ParentId)) ?? Spans[0];
        Errors = Spans.Count(span => span.IsError);
    }

    public string Id { get; }

    public int Version { get; }

    public Span[] Spans { get; }

    public Span[] LinkedFrom { get; }

    public Span Root { get; }

    public long Start { get; }

    public long End { get; }

    public int Errors { get; }

    public long Duration => End - Start;
}
