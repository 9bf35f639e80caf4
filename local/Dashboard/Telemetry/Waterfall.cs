namespace TaskFlow.Local.Dashboard.Telemetry;

/// <summary>One line of a trace's waterfall.</summary>
public sealed record WaterfallRow(Span Span, int Depth, int Children);

/// <summary>
/// Puts a trace's spans in the order of a tree: children under their parent, by start, and left out where one above them is folded. A span whose parent has not arrived stands at the top.
/// </summary>
internal static class Waterfall
{
    private const int MaxDepth = 64;

    public static List<WaterfallRow> Rows(TraceView trace, IReadOnlySet<string> collapsed)
    {
        var ids = trace.Spans.Select(span => span.SpanId).ToHashSet();
        var children = trace.Spans.ToLookup(span => ids.Contains(span.ParentId) && span.ParentId != span.SpanId ? span.ParentId : "");
        var rows = new List<WaterfallRow>(trace.Spans.Length);
        var seen = new HashSet<Span>();
        foreach (var span in children[""]) Add(span, 0, false);
        // Two spans may claim to be each other's parent: no tree holds them, but they must not be lost.
        foreach (var span in trace.Spans) Add(span, 0, false);
        return rows;

        void Add(Span span, int depth, bool isHidden)
        {
            if (!seen.Add(span)) return;
            if (!isHidden) rows.Add(new WaterfallRow(span, Math.Min(depth, MaxDepth), children[span.SpanId].Count()));
            if (depth >= 512) return; // what is deeper still comes at the top level, by the loop over all
            foreach (var child in children[span.SpanId]) Add(child, depth + 1, isHidden || collapsed.Contains(span.SpanId));
        }
    }
}
