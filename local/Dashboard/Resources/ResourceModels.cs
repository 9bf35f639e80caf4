using System.Text.Json.Serialization;

namespace TaskFlow.Local.Dashboard.Resources;

/// <summary>A resource's replica, as the AppHost's resource service lists it.</summary>
public sealed record ResourceInfo(
    string Name,
    int Replica,
    string? Type,
    string? State,
    int? Pid,
    string[]? Endpoints,
    DateTimeOffset? StartedAt,
    int? ExitCode,
    string? Health,
    string? Message,
    double? Cpu,
    long? MemoryBytes)
{
    public string Id => $"{Name}/{Replica}";

    public bool IsRunning => State is "Running";

    /// <summary>Good, busy, bad or idle: what colours the state.</summary>
    public string Tone => (State, Health) switch
    {
        ("Running", "Unhealthy") => "warn",
        ("Running", _) => "good",
        ("Starting" or "Waiting" or "Stopping" or "NotStarted", _) => "busy",
        ("FailedToStart" or "RuntimeUnhealthy", _) => "bad",
        _ => ExitCode is null or 0 ? "idle" : "bad",
    };
}

internal sealed record LogLines(LogLine[] Lines);

public sealed record LogLine(long N, DateTimeOffset Timestamp, string? Stream, string? Text);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ResourceInfo[]))]
[JsonSerializable(typeof(LogLines))]
[JsonSerializable(typeof(Dictionary<string, string?>))]
internal sealed partial class ResourceJson : JsonSerializerContext;
