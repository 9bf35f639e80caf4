using System.Text.Json.Serialization;

namespace TaskFlow.Contracts;

/// <summary>The kinds of <see cref="Notification"/>; also the names of the preferences.</summary>
public static class NotificationKinds
{
    /// <summary>The person was newly named in a comment or description.</summary>
    public const string Mention = "mention";

    /// <summary>A task was assigned to the person by somebody else.</summary>
    public const string Assigned = "assigned";

    /// <summary>The status changed of a task the person owns (its assignee, else its creator).</summary>
    public const string Status = "status";

    /// <summary>Somebody wrote over a field the person had changed.</summary>
    public const string Overwritten = "overwritten";
}

/// <summary>Something one person should know; in the API's lists and in the real-time frame.</summary>
public sealed record Notification
{
    /// <summary>Its id (UUIDv7).</summary>
    public required Guid Id { get; init; }

    /// <summary>One of <see cref="NotificationKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>The workspace it happened in.</summary>
    public required Guid WorkspaceId { get; init; }

    /// <summary>The task concerned; null once it was deleted.</summary>
    public Guid? TaskId { get; init; }

    /// <summary>The comment concerned, where there is one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? CommentId { get; init; }

    /// <summary>The whole sentence, in English.</summary>
    public required string Text { get; init; }

    /// <summary>Who caused it.</summary>
    public required PersonRef By { get; init; }

    /// <summary>Which fields were written over; only for <see cref="NotificationKinds.Overwritten"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Fields { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Whether the person has read it; absent in the real-time frame.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Read { get; init; }
}

/// <summary>A person, as others see them.</summary>
/// <param name="Id">The user's id.</param>
/// <param name="Name">The user's name.</param>
public sealed record PersonRef(Guid Id, string Name);
