using Microsoft.AspNetCore.Http.HttpResults;
using TaskFlow.Local.Dashboard.Telemetry;

namespace TaskFlow.Local.Dashboard.Hosting;

internal static class Health
{
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/alive", () => TypedResults.Ok(new { status = "alive" }));
        app.MapGet("/health", Report);
    }

    private static JsonHttpResult<HealthReport> Report(TelemetryStore store) => TypedResults.Json(new HealthReport(
        "healthy",
        store.Spans.SpanCount, store.Spans.TraceCount, store.Logs.Count, store.Metrics.SeriesCount,
        store.Spans.Evicted + store.Logs.Evicted + store.Metrics.Evicted,
        store.Refused, store.LastRefusal));

    /// <summary>What is kept, and what was evicted or refused since the start.</summary>
    private sealed record HealthReport(string Status, int Spans, int Traces, int Logs, int Series, long Evicted, long Refused, string LastRefusal);
}
