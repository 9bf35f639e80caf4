using Npgsql;
using TaskFlow.Api.Database;
using TaskFlow.Api.Http;
using TaskFlow.Api.Notifications;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Tasks;

/// <summary>What a task's changes must hold to, and whom they concern.</summary>
internal static class TaskRules
{
    /// <summary>Throws a 400 unless the person may own tasks: members who are not guests. Holds the role until the commit, so that nobody is demoted meanwhile.</summary>
    public static async Task CheckAssigneeAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, Guid workspaceId, Guid assigneeId, CancellationToken ct)
    {
        var role = await connection.FirstOrDefaultAsync<string>(transaction,
            "select role from members where workspace_id = @workspaceId and user_id = @assigneeId for share", new { workspaceId, assigneeId }, ct);
        if (role is null) throw new ProblemException(Problems.Validation("assigneeId", "Must be a member of the workspace."));
        if (role == Roles.Guest) throw new ProblemException(Problems.Validation("assigneeId", "Guests cannot be assignees."));
    }

    /// <summary>Throws a 412 with the task unless If-Match, where it is given, names its version.</summary>
    public static void CheckPrecondition(HttpRequest request, TaskItem task)
    {
        if (request.Headers.TryGetValue("If-Match", out var sent) && !IfMatch.Includes(sent, task.ETag)) throw new ProblemException(Problems.VersionMismatch(task));
    }

    /// <summary>Whom a new task concerns.</summary>
    public static async Task<IReadOnlyList<AddressedNotification>> NotifyOfCreationAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, TaskItem task, PersonRef by, CancellationToken ct)
    {
        List<NotificationDraft> drafts = [];
        foreach (var user in await Mentions.FindNewAsync(connection, transaction, task.WorkspaceId, "description", task.Description, "", ct)) drafts.Add(Mentioned(user, task, by));
        if (task.AssigneeId is { } assignee) drafts.Add(Assigned(assignee, task, by));
        return await Notifier.AddressAsync(connection, transaction, task.WorkspaceId, task.Id, by, task.CreatedAt, drafts, ct);
    }

    /// <summary>Whom a change concerns.</summary>
    public static async Task<IReadOnlyList<AddressedNotification>> NotifyOfChangeAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, TaskMerge merge, PersonRef by, CancellationToken ct)
    {
        var (before, task) = (merge.Before, merge.After);
        List<NotificationDraft> drafts = [];
        if (task.Description != before.Description)
        {
            var named = await Mentions.FindNewAsync(connection, transaction, task.WorkspaceId, "description", task.Description, before.Description, ct);
            foreach (var user in named) drafts.Add(Mentioned(user, task, by));
        }
        if (task.AssigneeId is { } assignee && assignee != before.AssigneeId) drafts.Add(Assigned(assignee, task, by));
        if (task.Status != before.Status)
        {
            drafts.Add(new(task.OwnerId, NotificationKinds.Status, $"{by.Name} moved {task.Label} to {TaskStatuses.Name(task.Status)}."));
        }
        foreach (var person in merge.Overwritten)
        {
            string[] fields = [.. person];
            drafts.Add(new(person.Key, NotificationKinds.Overwritten, $"{by.Name} wrote over your change of {FieldNames.Join(fields)} in {task.Label}.") { Fields = fields });
        }
        return await Notifier.AddressAsync(connection, transaction, task.WorkspaceId, task.Id, by, task.UpdatedAt, drafts, ct);
    }

    private static NotificationDraft Mentioned(Guid user, TaskItem task, PersonRef by) =>
        new(user, NotificationKinds.Mention, $"{by.Name} mentioned you in the description of {task.Label}.");

    private static NotificationDraft Assigned(Guid user, TaskItem task, PersonRef by) =>
        new(user, NotificationKinds.Assigned, $"{by.Name} assigned {task.Label} to you.");
}

/// <summary>Names of fields for sentences.</summary>
internal static class FieldNames
{
    public static string Join(IReadOnlyList<string> fields)
    {
        string[] names = [.. fields.Select(Name)];
        return names.Length == 1 ? names[0] : $"{string.Join(", ", names[..^1])} and {names[^1]}";
    }

    private static string Name(string field) => field switch
    {
        "assigneeId" => "the assignee",
        "dueOn" => "the due date",
        "labels" => "the labels",
        _ => "the " + field,
    };
}
