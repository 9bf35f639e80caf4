namespace TaskFlow.Contracts;

/// <summary>The types of <see cref="WorkspaceEvent"/>.</summary>
public static class EventTypes
{
    /// <summary>A workspace was renamed.</summary>
    public const string WorkspaceUpdated = "workspace.updated";

    /// <summary>Someone joined. The creator's own membership is event 1 of a workspace.</summary>
    public const string MemberAdded = "member.added";

    /// <summary>A member's role changed.</summary>
    public const string MemberUpdated = "member.updated";

    /// <summary>A member left or was removed.</summary>
    public const string MemberRemoved = "member.removed";

    /// <summary>A project was created.</summary>
    public const string ProjectCreated = "project.created";

    /// <summary>A project's changed fields.</summary>
    public const string ProjectUpdated = "project.updated";

    /// <summary>A project was deleted, after an event for each of its tasks.</summary>
    public const string ProjectDeleted = "project.deleted";

    /// <summary>A task was created.</summary>
    public const string TaskCreated = "task.created";

    /// <summary>A task's changed fields.</summary>
    public const string TaskUpdated = "task.updated";

    /// <summary>A task was deleted; the event's version is the last one plus 1.</summary>
    public const string TaskDeleted = "task.deleted";

    /// <summary>A comment was written.</summary>
    public const string CommentCreated = "comment.created";

    /// <summary>A comment's changed fields.</summary>
    public const string CommentUpdated = "comment.updated";

    /// <summary>A comment was deleted.</summary>
    public const string CommentDeleted = "comment.deleted";
}
