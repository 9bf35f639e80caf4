using System.Text.Json;
using System.Text.Json.Serialization;

namespace TaskFlow.Local.DaprSidecar.Api;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(BulkPublishAnswer))]
[JsonSerializable(typeof(MetadataAnswer))]
[JsonSerializable(typeof(BulkPublishEntry[]))]
internal sealed partial class ApiJson : JsonSerializerContext;

/// <summary>One entry of a bulk publish request.</summary>
internal sealed record BulkPublishEntry(string? EntryId, JsonElement Event, string? ContentType, Dictionary<string, string>? Metadata);

/// <summary>Says which entries of a bulk publish failed.</summary>
internal sealed record BulkPublishAnswer(IReadOnlyList<FailedEntry> FailedEntries, string ErrorCode);

internal sealed record FailedEntry(string EntryId, string Error);

internal sealed record MetadataAnswer(
    string Id, string RuntimeVersion, IReadOnlyList<string> EnabledFeatures, IReadOnlyList<ComponentAnswer> Components, IReadOnlyDictionary<string, string> Extended,
    IReadOnlyList<SubscriptionAnswer> Subscriptions, AppConnectionAnswer? AppConnectionProperties, IReadOnlyList<NamedAnswer> Resiliencies);

internal sealed record ComponentAnswer(string Name, string Type, string Version, IReadOnlyList<string> Capabilities);

internal sealed record SubscriptionAnswer(
    string Pubsubname, string Topic, IReadOnlyDictionary<string, string> Metadata, IReadOnlyList<RuleAnswer> Rules, string DeadLetterTopic, string Type);

internal sealed record RuleAnswer(string Match, string Path);

internal sealed record AppConnectionAnswer(int Port, string Protocol, string ChannelAddress, int MaxConcurrency, AppHealthAnswer? Health);

internal sealed record AppHealthAnswer(string HealthCheckPath, string HealthProbeInterval, string HealthProbeTimeout, int HealthThreshold);

internal sealed record NamedAnswer(string Name);
