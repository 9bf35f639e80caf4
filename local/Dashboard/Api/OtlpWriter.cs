using TaskFlow.Local.Dashboard.Otlp.Contracts;
using TaskFlow.Local.Dashboard.Telemetry;

namespace TaskFlow.Local.Dashboard.Api;

/// <summary>Turns what is kept back into OTLP messages, grouped by resource and scope.</summary>
internal static class OtlpWriter
{
    public static List<ResourceSpans> Spans(IEnumerable<Span> spans) => [.. spans.GroupBy(span => span.Resource).Select(group => new ResourceSpans
    {
        Resource = Resource(group.Key),
        ScopeSpans = [.. group.GroupBy(span => span.Scope).Select(scoped => new ScopeSpans { Scope = Scope(scoped.Key), Spans = [.. scoped.Select(Message)] })],
    })];

    public static List<ResourceLogs> Logs(IEnumerable<LogRecord> records) => [.. records.GroupBy(record => record.Resource).Select(group => new ResourceLogs
    {
        Resource = Resource(group.Key),
        ScopeLogs = [.. group.GroupBy(record => record.Scope).
            Select(scoped => new ScopeLogs { Scope = Scope(scoped.Key), LogRecords = [.. scoped.Select(Message)] })],
    })];

    public static List<ResourceMetrics> Metrics(IEnumerable<InstrumentView> instruments, int points) =>
        [.. instruments.GroupBy(instrument => instrument.Key.Resource).Select(group => new ResourceMetrics
        {
            Resource = Resource(group.Key),
            ScopeMetrics = [.. group.GroupBy(instrument => instrument.Key.Scope).Select(scoped => new ScopeMetrics
            {
                Scope = Scope(scoped.Key),
                Metrics = [.. scoped.Select(instrument => Message(instrument, points))],
            })],
        })];

    private static SpanMessage Message(Span span) => new()
    {
        TraceId = Convert.FromHexString(span.TraceId),
        SpanId = Convert.FromHexString(span.SpanId),
        ParentSpanId = span.ParentId.Length == 0 ? null : Convert.FromHexString(span.ParentId),
        TraceState = span.TraceState.Length == 0 ? null : span.TraceState,
        Name = span.Name,
        Kind = (int)span.Kind,
        StartTimeUnixNano = (ulong)span.Start,
        EndTimeUnixNano = (ulong)span.End,
        Attributes = Attributes(span.Attributes),
        Events = span.Events.Length == 0 ? null : [.. span.Events.Select(item => new SpanEventMessage
        {
            TimeUnixNano = (ulong)item.Time,
            Name = item.Name,
            Attributes = Attributes(item.Attributes),
        })],
        Links = span.Links.Length == 0 ? null : [.. span.Links.Select(link => new SpanLinkMessage
        {
            TraceId = Convert.FromHexString(link.TraceId),
            SpanId = Convert.FromHexString(link.SpanId),
            Attributes = Attributes(link.Attributes),
        })],
        Status = span is { Status: SpanStatus.Unset, StatusMessage.Length: 0 } ? null
            : new StatusMessage { Code = (int)span.Status, Message = span.StatusMessage.Length == 0 ? null : span.StatusMessage },
    };

    private static LogRecordMessage Message(LogRecord record) => new()
    {
        TimeUnixNano = (ulong)record.Time,
        SeverityNumber = record.Severity,
        SeverityText = Severity.Name(record.Severity),
        Body = new AnyValue { StringValue = record.Body },
        Attributes = Attributes(record.Attributes),
        TraceId = record.TraceId.Length == 0 ? null : Convert.FromHexString(record.TraceId),
        SpanId = record.SpanId.Length == 0 ? null : Convert.FromHexString(record.SpanId),
        EventName = record.EventName.Length == 0 ? null : record.EventName,
    };

    private static MetricMessage Message(InstrumentView instrument, int points)
    {
        const int cumulative = 2;
        var message = new MetricMessage { Name = instrument.Key.Name, Description = NullIfEmpty(instrument.Description), Unit = NullIfEmpty(instrument.Unit) };
        if (instrument.Kind == InstrumentKind.Gauge) message.Gauge = new GaugeMessage { DataPoints = Numbers(instrument, points) };
        else if (instrument.Kind == InstrumentKind.Sum)
            message.Sum = new SumMessage
            {
                DataPoints = Numbers(instrument, points),
                AggregationTemporality = cumulative,
                IsMonotonic = instrument.IsMonotonic
            };
        else message.Histogram = new HistogramMessage { DataPoints = Histograms(instrument, points), AggregationTemporality = cumulative };
        return message;
    }

    private static List<NumberPoint> Numbers(InstrumentView instrument, int points) =>
        [.. instrument.Series.SelectMany(series => series.Samples.TakeLast(points).Select(sample => new NumberPoint
        {
            Attributes = Attributes(series.Attributes),
            TimeUnixNano = (ulong)sample.Time,
            AsDouble = sample.Value,
        }))];

    private static List<HistogramPoint> Histograms(InstrumentView instrument, int points) =>
        [.. instrument.Series.SelectMany(series => series.Samples.TakeLast(points).Select(sample => new HistogramPoint
        {
            Attributes = Attributes(series.Attributes),
            TimeUnixNano = (ulong)sample.Time,
            Count = sample.Count,
            Sum = sample.Value,
            BucketCounts = sample.Buckets,
            ExplicitBounds = series.Bounds,
        }))];

    private static ResourceMessage Resource(TelemetryResource resource) => new() { Attributes = Attributes(resource.Attributes) };

    private static InstrumentationScope Scope(Scope scope) => new() { Name = scope.Name, Version = NullIfEmpty(scope.Version) };

    private static List<KeyValue>? Attributes(Tag[] tags) =>
        tags.Length == 0 ? null : [.. tags.Select(tag => new KeyValue { Key = tag.Key, Value = new AnyValue { StringValue = tag.Value } })];

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
