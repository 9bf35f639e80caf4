using System.Text.Json.Nodes;

namespace TaskFlow.Local.Tests.Dashboard;

/// <summary>OTLP/JSON messages as an exporter of any language sends them.</summary>
internal static class OtlpSamples
{
    private const long Millisecond = 1_000_000;
    private static readonly long Now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * Millisecond;

    public static string NewTraceId() => Convert.ToHexStringLower(Guid.NewGuid().ToByteArray());

    public static string NewSpanId() => Convert.ToHexStringLower(Guid.NewGuid().ToByteArray()[..8]);

    public static string Traces(string service, params JsonObject[] spans) => new JsonObject
    {
        ["resourceSpans"] = new JsonArray(new JsonObject
        {
            ["resource"] = Resource(service),
            ["scopeSpans"] = new JsonArray(new JsonObject { ["scope"] = new JsonObject { ["name"] = "Sample" }, ["spans"] = new JsonArray([.. spans]) }),
        }),
    }.ToJsonString();

    /// <summary>A span by its milliseconds after one moment, which is the same for all.</summary>
    public static JsonObject Span(
        string traceId, string name, double from, double to, int kind = 1, string? spanId = null, string? parentId = null, string? linkTo = null)
    {
        var span = new JsonObject
        {
            ["traceId"] = traceId,
            ["spanId"] = spanId ?? NewSpanId(),
            ["parentSpanId"] = parentId ?? "",
            ["name"] = name,
            ["kind"] = kind,
            ["startTimeUnixNano"] = $"{Now + (long)(from * Millisecond)}",
            ["endTimeUnixNano"] = $"{Now + (long)(to * Millisecond)}",
            ["attributes"] = new JsonArray(new JsonObject { ["key"] = "http.route", ["value"] = new JsonObject { ["stringValue"] = $"/{name}" } }),
        };
        if (linkTo is not null) span["links"] = new JsonArray(new JsonObject { ["traceId"] = linkTo, ["spanId"] = NewSpanId() });
        return span;
    }

    public static string Logs(string service, string text, int severity, string? traceId = null) => new JsonObject
    {
        ["resourceLogs"] = new JsonArray(new JsonObject
        {
            ["resource"] = Resource(service),
            ["scopeLogs"] = new JsonArray(new JsonObject
            {
                ["scope"] = new JsonObject { ["name"] = "Sample.Category" },
                ["logRecords"] = new JsonArray(new JsonObject
                {
                    ["timeUnixNano"] = $"{DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * Millisecond}",
                    ["severityNumber"] = severity,
                    ["body"] = new JsonObject { ["stringValue"] = text },
                    ["traceId"] = traceId ?? "",
                }),
            }),
        }),
    }.ToJsonString();

    private static JsonObject Resource(string service) => new()
    {
        ["attributes"] = new JsonArray(new JsonObject { ["key"] = "service.name", ["value"] = new JsonObject { ["stringValue"] = service } }),
    };
}
