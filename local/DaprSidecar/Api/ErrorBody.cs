using System.Text.Json.Serialization;
using TaskFlow.Local.DaprSidecar.Publishing;

namespace TaskFlow.Local.DaprSidecar.Api;

/// <summary>daprd's error body: a stable code, a sentence, and details for newer clients.</summary>
internal sealed record ErrorBody(string ErrorCode, string Message)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ErrorDetail>? Details { get; init; }

    public static ErrorBody Of(PublishException error) => new(error.ErrorCode, error.Message)
    {
        Details =
        [
            new ErrorDetail("type.googleapis.com/google.rpc.ResourceInfo") { ResourceType = "pubsub", ResourceName = error.PubSub, Owner = "", Description = error.Message },
            new ErrorDetail("type.googleapis.com/google.rpc.ErrorInfo") { Domain = "dapr.io", Reason = error.Reason, Metadata = error.Details },
        ],
    };
}

internal sealed record ErrorDetail([property: JsonPropertyName("@type")] string Type)
{
    public string? Domain { get; init; }
    public string? Reason { get; init; }
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    [JsonPropertyName("resource_type")]
    public string? ResourceType { get; init; }

    [JsonPropertyName("resource_name")]
    public string? ResourceName { get; init; }

    public string? Owner { get; init; }
    public string? Description { get; init; }
}
