using System.Globalization;
using Npgsql;
using TaskFlow.Api.Database;
using TaskFlow.Api.Events;
using TaskFlow.Api.Http;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Tasks;

/// <summary>What to list of a workspace's tasks; an <c>[AsParameters]</c> parameter.</summary>
/// <param name="Status">One status, or several separated by commas.</param>
/// <param name="Assignee">A member's id, <c>me</c>, or <c>none</c>.</param>
/// <param name="Project">A project's id.</param>
/// <param name="Label">A label that the tasks have.</param>
/// <param name="Q">Words of key, title or description; "quoted phrases", or and -exclusions as in web searches.</param>
internal sealed record TaskFilter(string? Status, string? Assignee, string? Project, string? Label, string? Q)
{
    public const int MaxQuery = 200;
}

/// <summary>Reads tasks.</summary>
internal sealed class TaskQueries(NpgsqlDataSource database)
{
    public Task<TaskItem?> FindAsync(Guid workspaceId, Guid id, CancellationToken ct) => TaskRows.FindAsync(database, workspaceId, id, ct);

    /// <summary>A page of a workspace's tasks, oldest first.</summary>
    public async Task<Page<TaskItem>> ListAsync(Guid workspaceId, Guid userId, TaskFilter filter, PageQuery page, CancellationToken ct)
    {
        var limit = page.Size;
        await using var command = database.CreateCommand();
        var conditions = new List<string> { "t.workspace_id = " + Add(Param.Of(workspaceId)) };
        AddFilter(filter, userId, Add, conditions);
        if (page.AfterTimeAndId() is { } after) conditions.Add($"(t.created_at, t.id) > ({Add(Param.Of(after.At))}, {Add(Param.Of(after.Id))})");
        command.CommandText = $"""
            select {TaskRows.Columns} from tasks t where {string.Join(" and ", conditions)} order by t.created_at, t.id limit {Add(Param.Of(limit + 1))}
            """;

        var tasks = new List<TaskItem>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct)) tasks.Add(TaskRows.Read(reader));
        return Page.Of(tasks, limit, last => Cursor.Of(last.CreatedAt, last.Id));

        string Add(NpgsqlParameter parameter)
        {
            command.Parameters.Add(parameter);
            return "$" + command.Parameters.Count.ToString(CultureInfo.InvariantCulture);
        }
    }

    /// <summary>A page of a task's events, newest first; null when there is no such task.</summary>
    public async Task<Page<WorkspaceEvent>?> ActivityAsync(Guid workspaceId, Guid id, PageQuery page, CancellationToken ct)
    {
        var limit = page.Size;
        var before = page.AfterNumber() ?? long.MaxValue;
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand("select from tasks where id = $1 and workspace_id = $2")
        {
            Parameters = { Param.Of(id), Param.Of(workspaceId) },
        });
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"select {EventRows.Columns} from events e where e.task_id = $1 and e.seq < $2 order by e.seq desc limit $3")
        {
            Parameters = { Param.Of(id), Param.Of(before), Param.Of(limit + 1) },
        });
        await using var reader = await batch.ExecuteReaderAsync(ct);
        if (!await reader.ReadAsync(ct)) return null;
        await reader.NextResultAsync(ct);
        var events = new List<WorkspaceEvent>();
        while (await reader.ReadAsync(ct)) events.Add(EventRows.Read(reader));
        return Page.Of(events, limit, last => Cursor.Of(last.Seq));
    }

    private static void AddFilter(TaskFilter filter, Guid userId, Func<NpgsqlParameter, string> add, List<string> conditions)
    {
        var check = new Validator();
        if (filter.Status is { } status)
        {
            string[] statuses = [.. status.Split(',').Select(name => check.OneOf("status", name, TaskStatuses.All))];
            conditions.Add($"t.status = any({add(Param.Of(statuses))})");
        }
        switch (filter.Assignee)
        {
            case null:
                break;
            case "none":
                conditions.Add("t.assignee_id is null");
                break;
            case var assignee:
                var isId = Guid.TryParse(assignee, out var assigneeId) | assignee == "me";
                check.Require(isId, "assignee", "Must be a member's id, me or none.");
                conditions.Add("t.assignee_id = " + add(Param.Of(assignee == "me" ? userId : assigneeId)));
                break;
        }
        if (filter.Project is { } project)
        {
            check.Require(Guid.TryParse(project, out var projectId), "project", "Must be a project's id.");
            conditions.Add("t.project_id = " + add(Param.Of(projectId)));
        }
        if (filter.Label is { } label) conditions.Add($"t.labels @> {add(Param.Of(new[] { check.Text("label", label, 1, TaskValidation.MaxLabel) }))}");
        if (filter.Q is { } query && check.Text("q", query, 0, TaskFilter.MaxQuery) is { Length: > 0 } words)
        {
            var text = add(Param.Of(words));
            conditions.Add($"t.search @@ (websearch_to_tsquery('simple', {text}) || websearch_to_tsquery('english', {text}))");
        }
        check.ThrowIfInvalid();
    }
}
