using Npgsql;
using TaskFlow.Api.Access;
using TaskFlow.Api.Database;
using TaskFlow.Api.Events;
using TaskFlow.Api.Http;
using TaskFlow.Api.Notifications;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Tasks;

/// <summary>The transactions that change tasks. Each locks the project (where numbers or places are given), then the task, then, with its event, the workspace.</summary>
internal sealed class TaskWriter(EventLog log, TimeProvider time)
{
    // The counter's row lock also orders the places; see TaskPositions.
    private const string NumberSql = "update projects set last_number = last_number + 1 where id = $1 and workspace_id = $2 returning key, last_number";
    private const string LastSql = "select position from tasks where project_id = $1 order by position desc limit 1";

    public async Task<Answer> CreateAsync(Membership member, Mutation mutation, Guid projectId, NewTask sent, CancellationToken ct)
    {
        var fields = TaskValidation.Check(sent);
        try
        {
            return await CreateAsync(member, mutation, projectId, fields, mayMoveOthers: false, ct);
        }
        catch (NoRoomException)
        {
            return await CreateAsync(member, mutation, projectId, fields, mayMoveOthers: true, ct);
        }
    }

    /// <param name="mayMoveOthers">Whether tasks at the end may move apart. Then the change depends on them too, and shares no transaction with theirs.</param>
    /// <exception cref="NoRoomException">They would have to, and may not.</exception>
    private Task<Answer> CreateAsync(Membership member, Mutation mutation, Guid projectId, NewTask fields, bool mayMoveOthers, CancellationToken ct)
    {
        return log.WriteAsync(member, mutation, new LogChange<(string Key, int Number, string? Last)?>(TakeNumber, ReadNumberAsync, async (transaction, taken) =>
        {
            var (key, number, last) = taken ?? throw new ProblemException(Problems.NotFound("There is no such project."));
            if (fields.AssigneeId is { } assignee) await TaskRules.CheckAssigneeAsync(transaction.Connection, transaction.Transaction, member.WorkspaceId, assignee, ct);

            var now = time.GetMicroseconds();
            var id = Guid.CreateVersion7(now);
            var (position, moved) = await PlaceAtEndAsync(transaction, projectId, id, last, mayMoveOthers, ct);
            var task = new TaskItem(id, $"{key}-{number}", number, member.WorkspaceId, projectId, fields.Title!, fields.Description!,
                fields.Status!, fields.Priority!, fields.AssigneeId, [.. fields.Labels!.Select(label => label!)], fields.DueOn,
                position, Version: 1, member.UserId, now, now);
            var by = new PersonRef(member.UserId, member.UserName);
            var notifications = await TaskRules.NotifyOfCreationAsync(transaction.Connection, transaction.Transaction, task, by, ct);
            var draft = Draft(EventTypes.TaskCreated, task, member, now, mutation.Id) with
            {
                Payload = ApiJson.Element(task),
                Notifications = notifications,
            };
            var (shifts, statements) = await ShiftAsync(transaction, moved, member, now, ct);
            transaction.Append([.. shifts, draft], [.. statements, TaskRows.Insert(task), .. notifications.Select(Notifier.Insert)]);
            return Answer.Created(task.Location, task, task.ETag);
        })
        {
            Subject = mayMoveOthers ? null : projectId,
            WritesFirst = true,
        }, ct);

        IReadOnlyList<NpgsqlBatchCommand> TakeNumber() =>
        [
            new(NumberSql) { Parameters = { Param.Of(projectId), Param.Of(member.WorkspaceId) } },
            new(LastSql) { Parameters = { Param.Of(projectId) } },
        ];
    }

    public Task<Answer> ChangeAsync(Membership member, Mutation mutation, Guid id, TaskPatch sent, HttpRequest request, CancellationToken ct)
    {
        var patch = TaskValidation.Check(sent);
        return log.WriteAsync(member, mutation, Locked(member, id, patch.Position.IsSet, async (transaction, row) =>
        {
            TaskRules.CheckPrecondition(request, row.Task);
            var basedOn = BasedOn(request, patch, row.Task);
            if (patch.AssigneeId is { IsSet: true, Value: { } assignee } && assignee != row.Task.AssigneeId)
            {
                await TaskRules.CheckAssigneeAsync(transaction.Connection, transaction.Transaction, member.WorkspaceId, assignee, ct);
            }
            var (placed, moved) = await PlaceAsync(transaction, row.Task, patch, ct);

            var now = time.GetMicroseconds();
            var merge = TaskMerge.Apply(row, placed, basedOn, member.UserId, now);
            if (merge.Payload is not { } payload) return Answer.Ok(row.Task, row.Task.ETag);

            var by = new PersonRef(member.UserId, member.UserName);
            var notifications = await TaskRules.NotifyOfChangeAsync(transaction.Connection, transaction.Transaction, merge, by, ct);
            var draft = Draft(EventTypes.TaskUpdated, merge.After, member, now, mutation.Id) with { Payload = payload, Notifications = notifications };
            var (shifts, statements) = await ShiftAsync(transaction, moved, member, now, ct);
            transaction.Append([.. shifts, draft], [.. statements, TaskRows.Update(merge.Row, merge.HasNewText), .. notifications.Select(Notifier.Insert)]);
            return Answer.Ok(merge.After, merge.After.ETag);
        }), ct);
    }

    public Task DeleteAsync(Membership member, Guid id, HttpRequest request, CancellationToken ct) =>
        log.WriteAsync(member, Mutation.Unkeyed, Locked(member, id, withProject: false, (transaction, row) =>
        {
            TaskRules.CheckPrecondition(request, row.Task);
            var draft = Draft(EventTypes.TaskDeleted, row.Task with { Version = row.Task.Version + 1 }, member, time.GetMicroseconds(), mutationId: null);
            transaction.Append([draft], [new NpgsqlBatchCommand("delete from tasks where id = $1") { Parameters = { Param.Of(id) } }]);
            return Task.FromResult(Answer.NoContent());
        }), ct);

    /// <summary>A change of a task that is there, read and locked; with its project, when its place among the others may change.</summary>
    private static LogChange<TaskRow?> Locked(Membership member, Guid id, bool withProject, Func<WorkspaceTransaction, TaskRow, Task<Answer>> change) => new(
        () => TaskRows.Lock(member.WorkspaceId, id, withProject),
        (results, ct) => TaskRows.ReadLockedAsync(results, withProject, ct),
        (transaction, row) => change(transaction, row ?? throw new ProblemException(Problems.NotFound("There is no such task."))))
    {
        Subject = withProject ? null : id,
    };

    /// <summary>An event about a task, without its payload.</summary>
    public static EventDraft Draft(string type, TaskItem task, Membership member, DateTimeOffset at, string? mutationId) => new()
    {
        Type = type,
        WorkspaceId = task.WorkspaceId,
        TaskId = task.Id,
        ProjectId = task.ProjectId,
        Version = task.Version,
        UserId = member.UserId,
        UserName = member.UserName,
        MutationId = mutationId,
        Timestamp = at,
    };

    /// <summary>The version that the change is based on. If-Match, checked already, wins: then it is the present one.</summary>
    private static int? BasedOn(HttpRequest request, TaskPatch patch, TaskItem task)
    {
        if (!patch.Version.IsSet || request.Headers.ContainsKey("If-Match")) return null;
        return patch.Version.Value <= task.Version
            ? patch.Version.Value
            : throw new ProblemException(Problems.Validation("version", $"Is above the task's version, which is {task.Version}."));
    }

    /// <summary>What a new task is called, and the last place of its project; null when there is no such project.</summary>
    private static async Task<(string Key, int Number, string? Last)?> ReadNumberAsync(NpgsqlDataReader results, CancellationToken ct)
    {
        (string Key, int Number)? taken = await results.ReadAsync(ct) ? (results.GetString(0), results.GetInt32(1)) : null;
        await results.NextResultAsync(ct);
        var last = await results.ReadAsync(ct) ? results.GetString(0) : null;
        return taken is var (key, number) ? (key, number, last) : null;
    }

    private static async Task<Place> PlaceAtEndAsync(
        WorkspaceTransaction transaction, Guid projectId, Guid taskId, string? last, bool mayMoveOthers, CancellationToken ct)
    {
        if (TaskPositions.Behind(last) is { } free) return new Place(free, []);
        if (!mayMoveOthers) throw new NoRoomException();
        return await TaskPositions.FindAsync(transaction.Connection, transaction.Transaction, projectId, taskId, FractionalIndex.Between(last, null)!, ct);
    }

    /// <summary>The change with the place that the task really gets, and the neighbours that make room for it.</summary>
    private static async Task<(TaskPatch Patch, IReadOnlyList<Neighbour> Moved)> PlaceAsync(
        WorkspaceTransaction transaction, TaskItem task, TaskPatch patch, CancellationToken ct)
    {
        if (patch.Position is not { IsSet: true, Value: { } wanted } || wanted == task.Position) return (patch, []);
        var place = await TaskPositions.FindAsync(transaction.Connection, transaction.Transaction, task.ProjectId, task.Id, wanted, ct);
        return (patch with { Position = place.Position }, place.Moved);
    }

    /// <summary>
    /// Moves neighbours apart: a change of each of them, with an event of its own, but nobody's: it is not remembered as the last change of the
    /// position, and echoes no mutation.
    /// </summary>
    private static async Task<(IReadOnlyList<EventDraft> Drafts, IReadOnlyList<NpgsqlBatchCommand> Statements)> ShiftAsync(
        WorkspaceTransaction transaction, IReadOnlyList<Neighbour> moved, Membership member, DateTimeOffset at, CancellationToken ct)
    {
        List<EventDraft> drafts = [];
        List<NpgsqlBatchCommand> statements = [];
        foreach (var neighbour in moved.OrderBy(neighbour => neighbour.Id))
        {
            var row = await TaskRows.LockAsync(transaction, member.WorkspaceId, neighbour.Id, ct);
            if (row is null) continue;
            var merge = TaskMerge.Apply(row, new TaskPatch { Position = neighbour.Position }, basedOn: null, member.UserId, at);
            if (merge.Payload is not { } payload) continue;
            statements.Add(TaskRows.Update(row with { Task = merge.After }, withText: false));
            drafts.Add(Draft(EventTypes.TaskUpdated, merge.After, member, at, mutationId: null) with { Payload = payload });
        }
        return (drafts, statements);
    }

    /// <summary>There is no short place at the end of the project unless other tasks move.</summary>
    private sealed class NoRoomException : Exception;
}
