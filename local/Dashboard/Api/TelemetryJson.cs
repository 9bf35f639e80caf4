using System.Text.Json.Serialization;
using TaskFlow.Local.Dashboard.Otlp.Contracts;

namespace TaskFlow.Local.Dashboard.Api;

/// <summary>An answer of the telemetry API: OTLP/JSON as it was received, and how much of what matches it is.</summary>
internal sealed record TelemetryResponse(TelemetryData Data, int TotalCount, int ReturnedCount);

internal sealed record TelemetryData(
    List<ResourceSpans>? ResourceSpans = null, List<ResourceLogs>? ResourceLogs = null, List<ResourceMetrics>? ResourceMetrics = null);

internal sealed record TelemetryResourceInfo(string Name, string? InstanceId, string DisplayName, bool HasLogs, bool HasTraces, bool HasMetrics);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(TelemetryResponse))]
[JsonSerializable(typeof(TelemetryData))]
[JsonSerializable(typeof(TelemetryResourceInfo[]))]
internal sealed partial class TelemetryJson : JsonSerializerContext;
