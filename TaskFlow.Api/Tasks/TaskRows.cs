using System.Text.Json;
using Npgsql;
using TaskFlow.Api.Database;
using TaskFlow.Api.Events;

namespace TaskFlow.Api.Tasks;

/// <summary>The rows of tasks.</summary>
internal static class TaskRows
{
    /// <summary>What <see cref="Read"/> needs, in its order; the table is called t.</summary>
    public const string Columns = """
        t.id, t.key, t.number, t.workspace_id, t.project_id, t.title, t.description, t.status, t.priority, t.assignee_id, t.labels, t.due_on,
        t.position, t.version, t.created_by, t.created_at, t.updated_at
        """;

    private const string SelectSql = $"select {Columns} from tasks t where t.id = $1 and t.workspace_id = $2";
    private const string LockSql = $"select {Columns}, t.changes from tasks t where t.id = $1 and t.workspace_id = $2 for update";

    // A project's row lock orders everything that gives its tasks numbers or places. It is taken before any of its tasks' locks.
    private const string LockProjectSql = """
        select from projects where id = (select project_id from tasks where id = $1 and workspace_id = $2) for no key update
        """;

    private const string InsertSql = """
        insert into tasks (id, key, number, workspace_id, project_id, title, description, status, priority, assignee_id, labels, due_on,
            position, version, created_by, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $16)
        """;

    private const string UpdateSql = """
        update tasks set status = $2, priority = $3, assignee_id = $4, labels = $5, due_on = $6, position = $7, version = $8, updated_at = $9, changes = $10
        where id = $1
        """;

    // Apart, since Postgres takes both texts to pieces for the search index whenever an update names them, changed or not.
    private const string UpdateWithTextSql = """
        update tasks set status = $2, priority = $3, assignee_id = $4, labels = $5, due_on = $6, position = $7, version = $8, updated_at = $9, changes = $10,
            title = $11, description = $12
        where id = $1
        """;

    public static TaskItem Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetString(1), row.GetInt32(2), row.GetGuid(3), row.GetGuid(4), row.GetString(5), row.GetString(6), row.GetString(7), row.GetString(8),
        row.IsDBNull(9) ? null : row.GetGuid(9), row.GetFieldValue<string[]>(10), row.IsDBNull(11) ? null : row.GetFieldValue<DateOnly>(11), row.GetString(12),
        row.GetInt32(13), row.GetGuid(14), row.GetFieldValue<DateTimeOffset>(15), row.GetFieldValue<DateTimeOffset>(16));

    public static async Task<TaskItem?> FindAsync(NpgsqlDataSource database, Guid workspaceId, Guid id, CancellationToken ct)
    {
        await using var command = database.CreateCommand(SelectSql);
        command.Parameters.Add(Param.Of(id));
        command.Parameters.Add(Param.Of(workspaceId));
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? Read(reader) : null;
    }

    /// <summary>The statements that read a task and lock it; its project before it where the task's place may change.</summary>
    public static IReadOnlyList<NpgsqlBatchCommand> Lock(Guid workspaceId, Guid id, bool withProject)
    {
        var lockTask = new NpgsqlBatchCommand(LockSql) { Parameters = { Param.Of(id), Param.Of(workspaceId) } };
        return withProject ? [new NpgsqlBatchCommand(LockProjectSql) { Parameters = { Param.Of(id), Param.Of(workspaceId) } }, lockTask] : [lockTask];
    }

    /// <summary>Reads the results of <see cref="Lock"/>; null when there is no such task.</summary>
    public static async Task<TaskRow?> ReadLockedAsync(NpgsqlDataReader results, bool withProject, CancellationToken ct)
    {
        if (withProject) await results.NextResultAsync(ct);
        return await results.ReadAsync(ct)
            ? new TaskRow(Read(results), JsonSerializer.Deserialize(results.GetString(17), TasksJson.Default.IReadOnlyDictionaryStringFieldChange)!)
            : null;
    }

    /// <summary>Reads a task and locks it at once.</summary>
    public static async Task<TaskRow?> LockAsync(WorkspaceTransaction transaction, Guid workspaceId, Guid id, CancellationToken ct)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction.Transaction);
        foreach (var statement in Lock(workspaceId, id, withProject: false)) batch.BatchCommands.Add(statement);
        await using var results = await batch.ExecuteReaderAsync(ct);
        return await ReadLockedAsync(results, withProject: false, ct);
    }

    public static NpgsqlBatchCommand Insert(TaskItem task) => new(InsertSql)
    {
        Parameters =
        {
            Param.Of(task.Id), Param.Of(task.Key), Param.Of(task.Number), Param.Of(task.WorkspaceId), Param.Of(task.ProjectId), Param.Of(task.Title),
            Param.Of(task.Description), Param.Of(task.Status), Param.Of(task.Priority), Param.Of(task.AssigneeId), Param.Of(task.Labels.ToArray()),
            Param.Of(task.DueOn), Param.Of(task.Position), Param.Of(task.Version), Param.Of(task.CreatedBy), Param.Of(task.CreatedAt),
        },
    };

    /// <summary>Writes the task as it is now; with its title and description only where they may have changed.</summary>
    public static NpgsqlBatchCommand Update(TaskRow row, bool withText)
    {
        var task = row.Task;
        var command = new NpgsqlBatchCommand(withText ? UpdateWithTextSql : UpdateSql)
        {
            Parameters =
            {
                Param.Of(task.Id), Param.Of(task.Status), Param.Of(task.Priority), Param.Of(task.AssigneeId), Param.Of(task.Labels.ToArray()), Param.Of(task.DueOn),
                Param.Of(task.Position), Param.Of(task.Version), Param.Of(task.UpdatedAt),
                Param.Json(JsonSerializer.Serialize(row.Changes, TasksJson.Default.IReadOnlyDictionaryStringFieldChange)),
            },
        };
        if (!withText) return command;
        command.Parameters.Add(Param.Of(task.Title));
        command.Parameters.Add(Param.Of(task.Description));
        return command;
    }
}
