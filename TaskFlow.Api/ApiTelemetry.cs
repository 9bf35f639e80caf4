using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace TaskFlow.Api;

/// <summary>The one ActivitySource and Meter of this service.</summary>
internal static class ApiTelemetry
{
    public const string Name = "TaskFlow.Api";

    public static readonly ActivitySource Source = new(Name);
    public static readonly Meter Meter = new(Name);
}
