using Microsoft.AspNetCore.Http.HttpResults;
using TaskFlow.Local.Dashboard.Telemetry;

namespace TaskFlow.Local.Dashboard.Api;

/// <summary>
/// <c>GET /api/telemetry/resources|spans|traces|traces/{id}|logs|metrics</c>: routes, parameters and answers of the Aspire dashboard's telemetry API;
/// <c>metrics</c> is our addition in the same shape. Where a name fits several instances, all of them are meant.
/// </summary>
internal static class TelemetryApi
{
    private const int MaxLimit = 10_000;

    public static void MapTelemetryApi(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/telemetry");
        group.MapGet("/resources", Resources);
        group.MapGet("/spans", Spans);
        group.MapGet("/traces", Traces);
        group.MapGet("/traces/{traceId}", Trace);
        group.MapGet("/logs", Logs);
        group.MapGet("/metrics", Metrics);
    }

    private static JsonHttpResult<TelemetryResourceInfo[]> Resources(TelemetryStore store) => TypedResults.Json(
        store.Resources.All().Select(resource => new TelemetryResourceInfo(
            resource.Name, resource.InstanceId.Length == 0 ? null : resource.InstanceId, resource.CompositeName,
            resource.HasLogs, resource.HasSpans, resource.HasMetrics)).ToArray(),
        TelemetryJson.Default.TelemetryResourceInfoArray);

    private static IResult Spans(
        TelemetryStore store, HttpContext context, string[]? resource, string? traceId, bool? hasError, int? limit, string? search, bool? follow)
    {
        var query = Searches.Spans(search);
        bool Matches(Span span) =>
            Has(resource, span.Resource) && (traceId is null || IsId(span.TraceId, traceId))
                && (hasError is null || span.IsError == hasError) && query.Matches(span);
        if (follow == true) return new FollowResult<Span>(store.Spans.FollowAsync(Matches, context.RequestAborted),
            span => new TelemetryData(OtlpWriter.Spans([span])));
        if (Objection(store, resource, limit) is { } objection) return objection;
        var all = store.Spans.Traces(_ => true, int.MaxValue).SelectMany(trace => trace.Spans).Where(Matches).OrderBy(span => span.Start).ToList();
        var spans = all.TakeLast(limit ?? 200).ToList();
        return Answer(new TelemetryData(OtlpWriter.Spans(spans)), all.Count, spans.Count);
    }

    private static IResult Traces(TelemetryStore store, string[]? resource, bool? hasError, int? limit, string? search)
    {
        if (Objection(store, resource, limit) is { } objection) return objection;
        var query = Searches.Spans(search);
        var all = store.Spans.Traces(
            trace => (hasError is null || trace.Errors > 0 == hasError) && trace.Spans.Any(span => Has(resource, span.Resource) && query.Matches(span)),
            int.MaxValue);
        var traces = all.Take(limit ?? 100).Reverse().ToList();
        return Answer(new TelemetryData(OtlpWriter.Spans(traces.SelectMany(trace => trace.Spans))), all.Count, traces.Count);
    }

    private static IResult Trace(TelemetryStore store, string traceId)
    {
        if (store.Spans.Trace(traceId.ToLowerInvariant()) is not { } trace)
            return TypedResults.Problem($"No trace with ID '{traceId}' was found.", title: "Trace not found", statusCode: StatusCodes.Status404NotFound);
        return Answer(new TelemetryData(OtlpWriter.Spans(trace.Spans)), trace.Spans.Length, trace.Spans.Length);
    }

    private static IResult Logs(
        TelemetryStore store, HttpContext context, string[]? resource, string? traceId, string? severity, int? limit, string? search, bool? follow)
    {
        var query = Searches.Logs(search);
        var level = Severity.Parse(severity);
        bool Matches(LogRecord record) =>
            Has(resource, record.Resource) && (traceId is null || IsId(record.TraceId, traceId))
                && Severity.Level(record.Severity) >= level && query.Matches(record);
        if (follow == true) return new FollowResult<LogRecord>(store.Logs.FollowAsync(Matches, context.RequestAborted),
            record => new TelemetryData(ResourceLogs: OtlpWriter.Logs([record])));
        if (Objection(store, resource, limit) is { } objection) return objection;
        if (severity is not null && level < 0)
            return TypedResults.Problem($"severity must be one of {string.Join(", ", Severity.Names)}.",
                title: "Unknown severity", statusCode: StatusCodes.Status400BadRequest);
        var (records, total) = store.Logs.Find(Matches, limit ?? 200);
        records.Reverse();
        return Answer(new TelemetryData(ResourceLogs: OtlpWriter.Logs(records)), total, records.Count);
    }

    /// <summary>
    /// The newest <paramref name="points"/> points of every series (1 unless told), always cumulative. <paramref name="search"/> is looked for in the names.
    /// </summary>
    private static IResult Metrics(TelemetryStore store, string[]? resource, string? search, int? limit, int? points)
    {
        if (Objection(store, resource, limit) is { } objection) return objection;
        var all = store.Metrics.Instruments(
            instrument => Has(resource, instrument.Key.Resource)
                && (string.IsNullOrEmpty(search) || SearchQuery.Contains(instrument.Key.Name, search)
                    || SearchQuery.Contains(instrument.Key.Scope.Name, search)),
            since: 0);
        var instruments = all.Take(limit ?? 200).ToList();
        return Answer(new TelemetryData(ResourceMetrics: OtlpWriter.Metrics(instruments, Math.Clamp(points ?? 1, 1, MaxLimit))), all.Count, instruments.Count);
    }

    private static JsonHttpResult<TelemetryResponse> Answer(TelemetryData data, int total, int returned) =>
        TypedResults.Json(new TelemetryResponse(data, total, returned), TelemetryJson.Default.TelemetryResponse);

    private static ProblemHttpResult? Objection(TelemetryStore store, string[]? names, int? limit)
    {
        if (limit is < 1 or > MaxLimit)
            return TypedResults.Problem($"limit must be between 1 and {MaxLimit}.", title: "Limit out of range", statusCode: StatusCodes.Status400BadRequest);
        if (names is null) return null;
        var known = store.Resources.All();
        var unknown = names.FirstOrDefault(name => !known.Any(resource => IsNamed(resource, name)));
        return unknown is null ? null
            : TypedResults.Problem($"No resource named '{unknown}' has sent telemetry.",
                title: "Resource not found", statusCode: StatusCodes.Status404NotFound);
    }

    private static bool Has(string[]? names, TelemetryResource resource) => names is null or [] || names.Any(name => IsNamed(resource, name));

    private static bool IsNamed(TelemetryResource resource, string name) =>
        resource.Name.Equals(name, StringComparison.OrdinalIgnoreCase) || resource.CompositeName.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static bool IsId(string id, string asked) => asked.Length > 0 && id.StartsWith(asked, StringComparison.OrdinalIgnoreCase);
}
