using System.Text.Json;
using System.Text.Json.Serialization;

namespace TaskFlow.Contracts;

/// <summary>One committed change of a workspace, as clients receive it (docs/protocol.md).</summary>
/// <remarks>Immutable, so safe to share between threads.</remarks>
public record WorkspaceEvent
{
    /// <summary>One of <see cref="EventTypes"/>.</summary>
    [JsonPropertyOrder(-20)]
    public required string Type { get; init; }

    /// <summary>The workspace whose log holds the event.</summary>
    [JsonPropertyOrder(-19)]
    public required Guid WorkspaceId { get; init; }

    /// <summary>The number in the workspace's log: 1, 2, 3 … in commit order, without gaps.</summary>
    [JsonPropertyOrder(-18)]
    public required long Seq { get; init; }

    /// <summary>The task concerned, where there is one.</summary>
    [JsonPropertyOrder(-17), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? TaskId { get; init; }

    /// <summary>The project concerned, where there is one.</summary>
    [JsonPropertyOrder(-16), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? ProjectId { get; init; }

    /// <summary>The comment concerned, where there is one.</summary>
    [JsonPropertyOrder(-15), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? CommentId { get; init; }

    /// <summary>The user whose membership is concerned, where there is one.</summary>
    [JsonPropertyOrder(-14), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? MemberId { get; init; }

    /// <summary>The task's version after the change; only on task events.</summary>
    [JsonPropertyOrder(-13), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Version { get; init; }

    /// <summary>Created: the whole object. Updated: the changed fields only. Deleted: an empty object.</summary>
    [JsonPropertyOrder(-12)]
    public required JsonElement Payload { get; init; }

    /// <summary>Who made the change.</summary>
    [JsonPropertyOrder(-11)]
    public required Guid UserId { get; init; }

    /// <summary>That person's name at the time.</summary>
    [JsonPropertyOrder(-10)]
    public required string UserName { get; init; }

    /// <summary>The request's Idempotency-Key, so that a client knows its own change; null without one.</summary>
    [JsonPropertyOrder(-9)]
    public string? MutationId { get; init; }

    /// <summary>When the change was made, UTC.</summary>
    [JsonPropertyOrder(-8)]
    public required DateTimeOffset Timestamp { get; init; }
}

/// <summary>
/// The form in which an event travels between services (Dapr topic, Redis channel, service feed): the event plus what clients never see.
/// What is added is written last, so that Push cuts a client's frame out of the text without writing the event again; where a broker has
/// re-sorted the keys, Push writes it once in this order before it fans out.
/// </summary>
public sealed record EventMessage : WorkspaceEvent
{
    /// <summary>Name of the first added property: what stands before it is the client's frame.</summary>
    public const string InternalsProperty = "internals";

    /// <summary>What clients never see; null on an event injected without it.</summary>
    [JsonPropertyName(InternalsProperty), JsonPropertyOrder(100), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EventInternals? Internals { get; init; }
}

/// <summary>What accompanies an event between services only.</summary>
public sealed record EventInternals
{
    /// <summary>The W3C <c>traceparent</c> of the request that made the change; null when it was not traced.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Traceparent { get; init; }

    /// <summary>When the transaction was committed, as microseconds since the Unix epoch; 0 when unknown.</summary>
    public long CommittedAtMicros { get; init; }

    /// <summary>Notifications that this event caused, each for one person.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<AddressedNotification>? Notifications { get; init; }
}

/// <summary>A notification and the one person it is for.</summary>
/// <param name="UserId">Who receives it.</param>
/// <param name="Notification">What they receive.</param>
public sealed record AddressedNotification(Guid UserId, Notification Notification);
