using System.Globalization;

namespace TaskFlow.Local.Dashboard.Telemetry;

/// <summary>The fields of spans and log records that a <see cref="SearchQuery"/> knows.</summary>
internal static class Searches
{
    public static SearchQuery Spans(string? text) =>
        new(text, key => key is "name" or "resource" or "scope" or "source" or "status" or "kind"
            or "trace-id" or "traceid" or "span-id" or "spanid" or "duration");

    public static SearchQuery Logs(string? text) =>
        new(text, key => key is "severity" or "level" or "resource" or "scope" or "category" or "message" or "msg"
            or "trace-id" or "traceid" or "span-id" or "spanid" or "event");

    public static bool Matches(this SearchQuery query, Span span) => query.IsEmpty || query.Matches(
        key => key switch
        {
            "name" => span.Name,
            "resource" => span.Resource.CompositeName,
            "scope" or "source" => span.Scope.Name,
            "status" => span.Status.ToString(),
            "kind" => span.Kind.ToString(),
            "trace-id" or "traceid" => span.TraceId,
            "span-id" or "spanid" => span.SpanId,
            _ => (span.Duration / 1e6).ToString(CultureInfo.InvariantCulture),
        },
        span.Attributes,
        text => SearchQuery.Contains(span.Name, text) || SearchQuery.Contains(span.Resource.Name, text) || SearchQuery.Contains(span.Scope.Name, text)
            || SearchQuery.Contains(span.StatusMessage, text) || SearchQuery.Contains(span.TraceId, text) || SearchQuery.Contains(span.SpanId, text));

    public static bool Matches(this SearchQuery query, LogRecord record) => query.IsEmpty || query.Matches(
        key => key switch
        {
            "severity" or "level" => Severity.Name(record.Severity),
            "resource" => record.Resource.CompositeName,
            "scope" or "category" => record.Scope.Name,
            "message" or "msg" => record.Body,
            "trace-id" or "traceid" => record.TraceId,
            "span-id" or "spanid" => record.SpanId,
            _ => record.EventName,
        },
        record.Attributes,
        text => SearchQuery.Contains(record.Body, text) || SearchQuery.Contains(record.Scope.Name, text) || SearchQuery.Contains(record.Resource.Name, text)
            || SearchQuery.Contains(record.TraceId, text));
}
