using System.Runtime.CompilerServices;
using TaskFlow.Local.Dashboard.Telemetry;

namespace TaskFlow.Local.Dashboard.Updates;

/// <summary>
/// Finds the hops of an update in its trace by the spans that mark where one ends and the next begins. A mark that is missing (a sidecar that is not
/// traced, events that were published together and share one span) makes two hops one; the total stays right.
/// </summary>
internal static class UpdateAnalysis
{
    private const string Transaction = "transaction";
    private const string Publish = "outbox publish";
    private const string RedisPublish = "redis publish";
    private const string Delivery = "/events/workspace";
    private static readonly ConditionalWeakTable<TraceView, UpdateTiming> Known = [];

    public static bool IsUpdate(TraceView trace) =>
        trace.Spans.Any(IsTransaction) && (trace.Spans.Any(span => IsPublish(span) || IsFanOut(span)) || trace.LinkedFrom.Any(IsPublish));

    public static UpdateTiming Analyse(TraceView trace) => Known.GetValue(trace, Read);

    private static UpdateTiming Read(TraceView trace)
    {
        var transaction = trace.Spans.Last(IsTransaction);
        var request = trace.Spans.FirstOrDefault(span => span.Kind == SpanKind.Server && !IsDelivery(span) && span.Start <= transaction.Start) ?? transaction;
        // What went to the broker in one call has one span, in the trace of the first; the others are linked from it.
        var publish = trace.Spans.FirstOrDefault(IsPublish) ?? trace.LinkedFrom.FirstOrDefault(IsPublish);
        var delivery = trace.Spans.FirstOrDefault(span => IsDelivery(span) && span.Start >= transaction.Start);
        var relayed = trace.Spans.FirstOrDefault(span => span.Name == RedisPublish);
        var fanOuts = trace.Spans.Concat(trace.LinkedFrom).Where(IsFanOut).ToList();
        // The instance that got the message writes at once, the others after Redis: the way is as long as that of the last.
        var last = fanOuts.MaxBy(span => span.End);

        var marks = new (long? End, Span? Shown)[]
        {
            (transaction.Start, request),
            (transaction.End, transaction),
            (publish?.Start, publish),
            (delivery?.Start, publish),
            (last?.Start ?? delivery?.End, relayed ?? delivery),
            (last?.End, last),
        };
        var hops = new long[marks.Length];
        var shown = new string?[marks.Length];
        var at = request.Start;
        for (var i = 0; i < marks.Length; i++)
        {
            // A hop whose span lies in another trace, or is missing, is shown at the span behind which it begins.
            shown[i] = marks[i].Shown is { } own && own.TraceId == trace.Id ? own.SpanId : i > 0 ? shown[i - 1] : null;
            // Clocks of two machines may differ: a hop never takes less than nothing.
            if (marks[i].End is not { } end || end <= at) continue;
            hops[i] = end - at;
            at = end;
        }
        return new UpdateTiming
        {
            TraceId = trace.Id,
            Name = request.Name,
            Start = request.Start,
            Hops = hops,
            SpanIds = shown,
            Response = request.Duration,
            Instances = fanOuts.Select(span => span.Resource).Distinct().Count(),
            Errors = trace.Errors,
        };
    }

    private static bool IsTransaction(Span span) => span.Name == Transaction;

    private static bool IsPublish(Span span) => span.Name == Publish;

    private static bool IsDelivery(Span span) => span.Kind == SpanKind.Server && span.Name.EndsWith(Delivery, StringComparison.Ordinal);

    private static bool IsFanOut(Span span) => span.Name.StartsWith("fan-out", StringComparison.Ordinal);
}
