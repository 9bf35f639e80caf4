using TaskFlow.Local.Dashboard.Otlp.Contracts;
using TaskFlow.Local.Dashboard.Telemetry;

namespace TaskFlow.Local.Dashboard.Otlp;

/// <summary>Takes what an exporter sends into the store. What is wrong is counted and named in the answer; the rest of the message is taken.</summary>
internal sealed class Receiver(TelemetryStore store, TimeProvider time)
{
    private readonly MetricReader _metrics = new(store);

    public ExportResponse Take(ExportTraceRequest request)
    {
        var refusals = new Refusals();
        foreach (var group in request.ResourceSpans ?? [])
        {
            if (group is null) continue;
            var resource = store.Resources.Get(group.Resource);
            foreach (var scoped in group.ScopeSpans ?? [])
            {
                if (scoped is null) continue;
                var scope = ReadScope(scoped.Scope);
                foreach (var message in scoped.Spans ?? [])
                {
                    if (ReadSpan(message, resource, scope) is not { } span) refusals.Add("a span without a valid trace or span id");
                    else if (!store.Spans.Add(span)) refusals.Add($"trace {span.TraceId} is full");
                }
            }
        }
        return refusals.Answer(store);
    }

    public ExportResponse Take(ExportLogsRequest request)
    {
        var refusals = new Refusals();
        foreach (var group in request.ResourceLogs ?? [])
        {
            if (group is null) continue;
            var resource = store.Resources.Get(group.Resource);
            foreach (var scoped in group.ScopeLogs ?? [])
            {
                if (scoped is null) continue;
                var scope = ReadScope(scoped.Scope);
                foreach (var message in scoped.LogRecords ?? [])
                {
                    if (message is null) refusals.Add("an empty log record");
                    else store.Logs.Add(ReadLog(message, resource, scope));
                }
            }
        }
        return refusals.Answer(store);
    }

    public ExportResponse Take(ExportMetricsRequest request)
    {
        var refusals = new Refusals();
        foreach (var group in request.ResourceMetrics ?? [])
        {
            if (group is null) continue;
            var resource = store.Resources.Get(group.Resource);
            foreach (var scoped in group.ScopeMetrics ?? [])
            {
                if (scoped is null) continue;
                var scope = ReadScope(scoped.Scope);
                foreach (var metric in scoped.Metrics ?? []) _metrics.Take(metric, resource, scope, refusals);
            }
        }
        return refusals.Answer(store);
    }

    private Span? ReadSpan(SpanMessage? message, TelemetryResource resource, Scope scope)
    {
        if (message is null || Id(message.TraceId, 16) is not { } traceId || Id(message.SpanId, 8) is not { } spanId) return null;
        var start = Nanoseconds(message.StartTimeUnixNano);
        return new Span
        {
            TraceId = traceId,
            SpanId = spanId,
            ParentId = Id(message.ParentSpanId, 8) ?? "",
            Name = store.Attributes.Name(message.Name),
            Kind = message.Kind is >= 0 and <= 5 ? (SpanKind)message.Kind : SpanKind.Unspecified,
            Start = start,
            End = Math.Max(start, Nanoseconds(message.EndTimeUnixNano)),
            Status = message.Status?.Code switch { 1 => SpanStatus.Ok, 2 => SpanStatus.Error, _ => SpanStatus.Unset },
            StatusMessage = store.Attributes.Name(message.Status?.Message),
            TraceState = store.Attributes.Name(message.TraceState),
            Attributes = store.Attributes.Read(message.Attributes),
            Events = [.. (message.Events ?? []).Take(AttributeReader.MaxAttributes).OfType<SpanEventMessage>()
                .Select(item => new SpanEvent(Nanoseconds(item.TimeUnixNano), store.Attributes.Name(item.Name), store.Attributes.Read(item.Attributes)))],
            Links = [.. (message.Links ?? []).Take(AttributeReader.MaxAttributes).OfType<SpanLinkMessage>()
                .Where(link => Id(link.TraceId, 16) is not null && Id(link.SpanId, 8) is not null)
                .Select(link => new SpanLink(Id(link.TraceId, 16)!, Id(link.SpanId, 8)!, store.Attributes.Read(link.Attributes)))],
            Resource = resource,
            Scope = scope,
        };
    }

    private LogRecord ReadLog(LogRecordMessage message, TelemetryResource resource, Scope scope)
    {
        var sent = message.TimeUnixNano != 0 ? message.TimeUnixNano : message.ObservedTimeUnixNano;
        return new LogRecord
        {
            Time = sent != 0 ? Nanoseconds(sent) : time.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000,
            Severity = message.SeverityNumber,
            Body = AttributeReader.Text(message.Body),
            Attributes = store.Attributes.Read(message.Attributes),
            TraceId = Id(message.TraceId, 16) ?? "",
            SpanId = Id(message.SpanId, 8) ?? "",
            EventName = store.Attributes.Name(message.EventName),
            Resource = resource,
            Scope = scope,
        };
    }

    private Scope ReadScope(InstrumentationScope? scope) => new(store.Attributes.Name(scope?.Name), store.Attributes.Name(scope?.Version));

    /// <summary>An id as text; null when it has another length than it must have or is all zero, which is OpenTelemetry's "none".</summary>
    private static string? Id(byte[]? bytes, int length) =>
        bytes?.Length == length && bytes.AsSpan().ContainsAnyExcept((byte)0) ? Convert.ToHexStringLower(bytes) : null;

    internal static long Nanoseconds(ulong value) => value > long.MaxValue ? 0 : (long)value;
}

/// <summary>What of one message could not be taken, and the first reason.</summary>
internal sealed class Refusals
{
    private string _reason = "";

    public int Count { get; private set; }

    public void Add(string reason)
    {
        if (Count++ == 0) _reason = reason;
    }

    public ExportResponse Answer(TelemetryStore store)
    {
        if (Count == 0) return new ExportResponse();
        store.Refuse(Count, _reason);
        return new ExportResponse { PartialSuccess = new PartialSuccess { Rejected = Count, ErrorMessage = _reason } };
    }
}
