using System.Text.Json.Serialization;
using TaskFlow.Api.Http;

namespace TaskFlow.Api.Tasks;

/// <summary>A task as clients see it.</summary>
internal sealed record TaskItem(
    Guid Id,
    string Key,
    int Number,
    Guid WorkspaceId,
    Guid ProjectId,
    string Title,
    string Description,
    string Status,
    string Priority,
    Guid? AssigneeId,
    IReadOnlyList<string> Labels,
    DateOnly? DueOn,
    string Position,
    int Version,
    Guid CreatedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt)
{
    /// <summary>Whose task it is: the assignee's, else the creator's.</summary>
    [JsonIgnore]
    public Guid OwnerId => AssigneeId ?? CreatedBy;

    /// <summary>Key and title, for sentences.</summary>
    [JsonIgnore]
    public string Label => $"{Key} \"{(Title.Length <= 80 ? Title : string.Concat(Title.AsSpan(0, char.IsHighSurrogate(Title[78]) ? 78 : 79), "…"))}\"";

    [JsonIgnore]
    public string ETag => $"\"{Version}\"";

    [JsonIgnore]
    public string Location => $"/api/workspaces/{WorkspaceId}/tasks/{Id}";
}

/// <summary>The last change of one field of a task.</summary>
internal sealed record FieldChange(int Version, Guid By);

/// <summary>A task with what merging needs: per field that was changed since creation, its last change.</summary>
internal sealed record TaskRow(TaskItem Task, IReadOnlyDictionary<string, FieldChange> Changes);

internal static class TaskStatuses
{
    public const string Todo = "todo";
    public const string InProgress = "in_progress";
    public const string InReview = "in_review";
    public const string Done = "done";

    public static readonly string[] All = [Todo, InProgress, InReview, Done];

    /// <summary>How a sentence says it.</summary>
    public static string Name(string status) => status switch
    {
        Todo => "To do",
        InProgress => "In progress",
        InReview => "In review",
        _ => "Done",
    };
}

internal static class TaskPriorities
{
    public const string None = "none";

    public static readonly string[] All = [None, "low", "medium", "high", "urgent"];
}

/// <summary>What a new task is made of.</summary>
internal sealed record NewTask(string? Title, string? Description, string? Status, Guid? AssigneeId, string? Priority, IReadOnlyList<string?>? Labels, DateOnly? DueOn);

/// <summary>The fields of a task that are to change; those left out stay. <c>assigneeId</c>, <c>dueOn</c>, <c>description</c> and <c>labels</c> can be cleared with null.</summary>
internal sealed record TaskPatch
{
    public Optional<string> Title { get; init; }

    public Optional<string> Description { get; init; }

    public Optional<string> Status { get; init; }

    public Optional<string> Priority { get; init; }

    public Optional<Guid?> AssigneeId { get; init; }

    public Optional<IReadOnlyList<string?>> Labels { get; init; }

    public Optional<DateOnly?> DueOn { get; init; }

    /// <summary>Where the task goes among its project's tasks.</summary>
    public Optional<string> Position { get; init; }

    /// <summary>The task's version that the change is based on.</summary>
    public Optional<int> Version { get; init; }
}
