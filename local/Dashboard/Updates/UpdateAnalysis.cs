using TaskFlow.Local.Dashboard.Telemetry;

namespace TaskFlow.Local.Dashboard.Updates;

internal static class UpdateAnalysis
{
    public static bool IsUpdate(TraceView trace) => trace.Spans.Any(span => span.Name is "outbox publish" or "fan-out");
}
