using System.Text.Json;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Events;

/// <summary>A change about to be appended to a workspace's log; it gets its seq there.</summary>
internal sealed record EventDraft
{
    /// <summary>The payload of everything that was deleted.</summary>
    public static readonly JsonElement NoPayload = JsonElement.Parse("{}");

    /// <summary>One of <see cref="EventTypes"/>.</summary>
    public required string Type { get; init; }

    public required Guid WorkspaceId { get; init; }

    public Guid? TaskId { get; init; }

    public Guid? ProjectId { get; init; }

    public Guid? CommentId { get; init; }

    public Guid? MemberId { get; init; }

    public int? Version { get; init; }

    public JsonElement Payload { get; init; } = NoPayload;

    public required Guid UserId { get; init; }

    public required string UserName { get; init; }

    /// <summary>The request's Idempotency-Key, echoed to clients.</summary>
    public string? MutationId { get; init; }

    /// <summary>When the change was made; also the changed row's <c>updated_at</c>. See <see cref="EventClock"/>.</summary>
    public required DateTimeOffset Timestamp { get; init; }

    public IReadOnlyList<AddressedNotification> Notifications { get; init; } = [];
}
