using Grpc.Core;

namespace TaskFlow.Local.DaprSidecar.Publishing;

/// <summary>A refusal in daprd's words and codes, for both APIs.</summary>
internal sealed class PublishException : Exception
{
    private PublishException(string pubSub, int httpStatus, StatusCode grpcStatus, string errorCode, string reason, string message, params ReadOnlySpan<(string Name, string Value)> details)
        : base(message)
    {
        PubSub = pubSub;
        HttpStatus = httpStatus;
        GrpcStatus = grpcStatus;
        ErrorCode = errorCode;
        Reason = reason;
        foreach (var (name, value) in details) Details[name] = value;
    }

    public string PubSub { get; }
    public int HttpStatus { get; }
    public StatusCode GrpcStatus { get; }

    /// <summary>As in HTTP bodies, for example ERR_PUBSUB_NOT_FOUND.</summary>
    public string ErrorCode { get; }

    /// <summary>As in error details, for example DAPR_PUBSUB_NOT_FOUND.</summary>
    public string Reason { get; }

    public Dictionary<string, string> Details { get; } = [];

    public static PublishException NotFound(string pubSub) =>
        new(pubSub, 404, StatusCode.InvalidArgument, "ERR_PUBSUB_NOT_FOUND", "DAPR_PUBSUB_NOT_FOUND", $"pubsub {pubSub} is not found");

    public static PublishException NameEmpty() =>
        new("", 404, StatusCode.InvalidArgument, "ERR_PUBSUB_EMPTY", "DAPR_PUBSUB_NAME_EMPTY", "pubsub name is empty");

    public static PublishException TopicEmpty(string pubSub) =>
        new(pubSub, 404, StatusCode.InvalidArgument, "ERR_TOPIC_NAME_EMPTY", "DAPR_PUBSUB_TOPIC_NAME_EMPTY", $"topic is empty in pubsub {pubSub}");

    public static PublishException BadMetadata(string pubSub, string reason) =>
        new(pubSub, 400, StatusCode.InvalidArgument, "ERR_PUBSUB_REQUEST_METADATA", "DAPR_PUBSUB_METADATA_DESERIALIZATION", $"failed deserializing metadata. Error: {reason}");

    public static PublishException Forbidden(string pubSub, string topic, string appId) =>
        new(pubSub, 403, StatusCode.PermissionDenied, "ERR_PUBSUB_FORBIDDEN", "DAPR_PUBSUB_FORBIDDEN", $"topic {topic} is not allowed for app id {appId}", ("topic", topic));

    public static PublishException NoCloudEvent(string pubSub, string appId) =>
        new(pubSub, 500, StatusCode.InvalidArgument, "ERR_PUBSUB_CLOUD_EVENTS_SER", "DAPR_PUBSUB_CLOUD_EVENT_CREATION", "cannot create cloudevent", ("appID", appId));

    public static PublishException BadEntries(string pubSub, string topic, string reason) =>
        new(pubSub, 400, StatusCode.InvalidArgument, "ERR_PUBSUB_EVENTS_SER", "DAPR_PUBSUB_UNMARSHAL_EVENTS",
            $"error when unmarshaling the request for topic {topic} pubsub {pubSub}: {reason}");

    public static PublishException BadEntryId(string pubSub, string topic) =>
        new(pubSub, 400, StatusCode.InvalidArgument, "ERR_PUBSUB_EVENTS_SER", "DAPR_PUBSUB_MARSHAL_EVENTS",
            $"error marshaling events to bytes for topic {topic} pubsub {pubSub}. error: entryId is duplicated or not present for entry");

    public static PublishException BadEntryData(string pubSub, string topic, string reason) =>
        new(pubSub, 400, StatusCode.InvalidArgument, "ERR_PUBSUB_EVENTS_SER", "DAPR_PUBSUB_MARSHAL_ENVELOPE",
            $"error when marshalling cloud event envelope for topic {topic} pubsub {pubSub}: {reason}");

    public static PublishException Failed(string pubSub, string topic, string reason) =>
        new(pubSub, 500, StatusCode.Internal, "ERR_PUBSUB_PUBLISH_MESSAGE", "DAPR_PUBSUB_PUBLISH_MESSAGE",
            $"error when publishing to topic {topic} in pubsub {pubSub}: {reason}", ("topic", topic), ("error", reason));
}
