using System.Text.Json.Serialization;

namespace TaskFlow.Local.Dashboard.Resources;

/// <summary>A resource's replica, as the AppHost's resource service lists it.</summary>
internal sealed record ResourceInfo(
    string Name,
    int Replica,
    string? Type,
    string? State,
    int? Pid,
    string[]? Endpoints,
    DateTimeOffset? StartedAt,
    int? ExitCode,
    string? Health,
    double? Cpu,
    long? MemoryBytes)
{
    public string Id => $"{Name}/{Replica}";
}

internal sealed record LogLines(LogLine[] Lines);

internal sealed record LogLine(long N, DateTimeOffset Timestamp, string? Stream, string? Text);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ResourceInfo[]))]
[JsonSerializable(typeof(LogLines))]
[JsonSerializable(typeof(Dictionary<string, string?>))]
internal sealed partial class ResourceJson : JsonSerializerContext;
