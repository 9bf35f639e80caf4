using TaskFlow.Contracts;

namespace TaskFlow.Api.Notifications;

/// <summary>Something that a person should know, if they are (still) a member and want to know such things.</summary>
/// <param name="UserId">Who.</param>
/// <param name="Kind">One of <see cref="NotificationKinds"/>.</param>
/// <param name="Text">The whole sentence.</param>
internal sealed record NotificationDraft(Guid UserId, string Kind, string Text)
{
    /// <summary>The comment concerned, where there is one.</summary>
    public Guid? CommentId { get; init; }

    /// <summary>For <see cref="NotificationKinds.Overwritten"/>: which fields.</summary>
    public IReadOnlyList<string>? Fields { get; init; }
}
