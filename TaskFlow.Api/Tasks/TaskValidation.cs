using TaskFlow.Api.Http;

namespace TaskFlow.Api.Tasks;

/// <summary>The limits of a task's fields.</summary>
internal static class TaskValidation
{
    public const int MaxTitle = 500;
    public const int MaxDescriptionBytes = 32 * 1024;
    public const int MaxLabel = 100;
    public const int MaxLabels = 100;

    /// <summary>A new task's fields with their defaults. Throws a 400 that names every wrong field.</summary>
    public static NewTask Check(NewTask sent)
    {
        var check = new Validator();
        var valid = sent with
        {
            Title = check.Text("title", sent.Title, 1, MaxTitle),
            Description = check.LongText("description", sent.Description, MaxDescriptionBytes, required: false),
            Status = check.OneOf("status", sent.Status ?? TaskStatuses.Todo, TaskStatuses.All),
            Priority = check.OneOf("priority", sent.Priority ?? TaskPriorities.None, TaskPriorities.All),
            Labels = Labels(check, sent.Labels),
        };
        check.ThrowIfInvalid();
        return valid;
    }

    /// <summary>A change with its texts as they are to be stored. Throws a 400 that names every wrong field.</summary>
    public static TaskPatch Check(TaskPatch sent)
    {
        var check = new Validator();
        var valid = new TaskPatch
        {
            Title = sent.Title.IsSet ? new(check.Text("title", sent.Title.Value, 1, MaxTitle), true) : default,
            Description = sent.Description.IsSet ? new(check.LongText("description", sent.Description.Value, MaxDescriptionBytes, required: false), true) : default,
            Status = sent.Status.IsSet ? new(check.OneOf("status", sent.Status.Value, TaskStatuses.All), true) : default,
            Priority = sent.Priority.IsSet ? new(check.OneOf("priority", sent.Priority.Value, TaskPriorities.All), true) : default,
            AssigneeId = sent.AssigneeId,
            Labels = sent.Labels.IsSet ? new(Labels(check, sent.Labels.Value), true) : default,
            DueOn = sent.DueOn,
            Position = sent.Position,
            Version = sent.Version,
        };
        if (sent.Position.IsSet) TaskPositions.Check(check, sent.Position.Value);
        if (sent.Version is { IsSet: true, Value: < 1 }) check.Add("version", "Must be a version that the task has had: 1 or more.");
        check.ThrowIfInvalid();
        return valid;
    }

    /// <summary>Labels are a set: doubles are dropped, the order stays.</summary>
    private static IReadOnlyList<string?> Labels(Validator check, IReadOnlyList<string?>? sent)
    {
        if (sent is null) return [];
        if (!check.Require(sent.Count <= MaxLabels, "labels", $"Must be at most {MaxLabels} labels.")) return [];
        return [.. sent.Select(label => check.Text("labels", label, 1, MaxLabel)).Distinct(StringComparer.Ordinal)];
    }
}
