using System.Text.Json;
using System.Text.RegularExpressions;
using Npgsql;
using TaskFlow.Api.Access;
using TaskFlow.Api.Database;
using TaskFlow.Api.Events;
using TaskFlow.Api.Http;
using TaskFlow.Api.Tasks;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Projects;

/// <summary>The transactions that change projects.</summary>
internal sealed partial class ProjectWriter(EventLog log, TimeProvider time)
{
    private const int MaxName = 100;

    private const string InsertSql = """
        insert into projects (id, workspace_id, key, name, created_by, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $6)
        on conflict (workspace_id, key) do nothing
        """;

    // A key that was in use before goes on where it stopped: its task numbers are never used again. A statement of its own, because the one above may have
    // waited for the deletion that retired the key, and sees only what was there before.
    private const string ContinueSql = """
        update projects p set last_number = r.last_number from retired_project_keys r where p.id = $1 and r.workspace_id = p.workspace_id and r.key = p.key
        """;

    private const string LockSql = $"select {Project.Columns} from projects p where p.id = $1 and p.workspace_id = $2 for update";
    private const string LockTasksSql = $"select {TaskRows.Columns} from tasks t where t.project_id = $1 order by t.id for update";
    private const string UpdateSql = "update projects set name = $2, updated_at = $3 where id = $1";

    private const string RetireSql = """
        insert into retired_project_keys (workspace_id, key, last_number) select workspace_id, key, last_number from projects where id = $1
        on conflict (workspace_id, key) do update set last_number = excluded.last_number
        """;

    public Task<Answer> CreateAsync(Membership member, Mutation mutation, NewProject sent, CancellationToken ct)
    {
        var check = new Validator();
        var name = check.Text("name", sent.Name, 1, MaxName);
        var key = check.Text("key", sent.Key, 1, 100);
        if (key.Length > 0) check.Require(Key().IsMatch(key), "key", "Must be 2 to 10 capital letters and digits, beginning with a letter.");
        check.ThrowIfInvalid();
        return log.WriteAloneAsync(member.WorkspaceId, mutation, async transaction =>
        {
            await member.RecheckAsync(transaction.Connection, transaction.Transaction, Permission.WriteProjects, ct);
            var now = time.GetMicroseconds();
            var project = new Project(Guid.CreateVersion7(now), member.WorkspaceId, key, name, member.UserId, now, now);
            if (await InsertAsync(transaction, project, ct) == 0) throw new ProblemException(Problems.Conflict($"There is a project {key} already."));
            var payload = ApiJson.Element(project);
            transaction.Append(Draft(EventTypes.ProjectCreated, project, member, now, mutation.Id) with { Payload = payload });
            return Answer.Created($"/api/workspaces/{member.WorkspaceId}/projects/{project.Id}", project);
        }, ct);
    }

    public Task<Answer> ChangeAsync(Membership member, Mutation mutation, Guid id, ProjectPatch patch, CancellationToken ct)
    {
        var check = new Validator();
        var name = patch.Name.IsSet ? check.Text("name", patch.Name.Value, 1, MaxName) : null;
        check.ThrowIfInvalid();
        return log.WriteAloneAsync(member.WorkspaceId, mutation, async transaction =>
        {
            await member.RecheckAsync(transaction.Connection, transaction.Transaction, Permission.WriteProjects, ct);
            var project = await LockAsync(transaction, member.WorkspaceId, id, ct);
            if (name is null || name == project.Name) return Answer.Ok(project);
            var changed = project with { Name = name, UpdatedAt = time.GetMicroseconds() };
            var payload = ApiJson.Element(new ProjectChanges(name));
            var update = new NpgsqlBatchCommand(UpdateSql) { Parameters = { Param.Of(id), Param.Of(name), Param.Of(changed.UpdatedAt) } };
            transaction.Append([Draft(EventTypes.ProjectUpdated, changed, member, changed.UpdatedAt, mutation.Id) with { Payload = payload }], [update]);
            return Answer.Ok(changed);
        }, ct);
    }

    /// <summary>Deletes the project and its tasks: an event for each of them, then the project's, all in one transaction.</summary>
    public Task DeleteAsync(Membership member, Guid id, CancellationToken ct) => log.WriteAloneAsync(member.WorkspaceId, Mutation.Unkeyed, async transaction =>
    {
        await member.RecheckAsync(transaction.Connection, transaction.Transaction, Permission.WriteProjects, ct);
        var project = await LockAsync(transaction, member.WorkspaceId, id, ct);
        var tasks = await LockTasksAsync(transaction, id, ct);
        var now = time.GetMicroseconds();
        EventDraft[] drafts =
        [
            .. from task in tasks
               orderby task.Number
               select TaskWriter.Draft(EventTypes.TaskDeleted, task with { Version = task.Version + 1 }, member, now, mutationId: null),
            Draft(EventTypes.ProjectDeleted, project, member, now, mutationId: null),
        ];
        NpgsqlBatchCommand[] statements =
        [
            new(RetireSql) { Parameters = { Param.Of(id) } },
            new("delete from projects where id = $1") { Parameters = { Param.Of(id) } },
        ];
        transaction.Append(drafts, statements);
        return Answer.NoContent();
    }, ct);

    private static async Task<int> InsertAsync(WorkspaceTransaction transaction, Project project, CancellationToken ct)
    {
        var insert = new NpgsqlBatchCommand(InsertSql)
        {
            Parameters =
            {
                Param.Of(project.Id), Param.Of(project.WorkspaceId), Param.Of(project.Key), Param.Of(project.Name), Param.Of(project.CreatedBy), Param.Of(project.CreatedAt),
            },
        };
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction.Transaction)
        {
            BatchCommands = { insert, new NpgsqlBatchCommand(ContinueSql) { Parameters = { Param.Of(project.Id) } } },
        };
        await batch.ExecuteNonQueryAsync(ct);
        return insert.RecordsAffected;
    }

    private static async Task<Project> LockAsync(WorkspaceTransaction transaction, Guid workspaceId, Guid id, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(LockSql, transaction.Connection, transaction.Transaction) { Parameters = { Param.Of(id), Param.Of(workspaceId) } };
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? Project.Read(reader) : throw new ProblemException(Problems.NotFound("There is no such project."));
    }

    private static async Task<List<TaskItem>> LockTasksAsync(WorkspaceTransaction transaction, Guid id, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(LockTasksSql, transaction.Connection, transaction.Transaction) { Parameters = { Param.Of(id) } };
        await using var reader = await command.ExecuteReaderAsync(ct);
        var tasks = new List<TaskItem>();
        while (await reader.ReadAsync(ct)) tasks.Add(TaskRows.Read(reader));
        return tasks;
    }

    private static EventDraft Draft(string type, Project project, Membership member, DateTimeOffset at, string? mutationId) => new()
    {
        Type = type,
        WorkspaceId = project.WorkspaceId,
        ProjectId = project.Id,
        UserId = member.UserId,
        UserName = member.UserName,
        MutationId = mutationId,
        Timestamp = at,
    };

    [GeneratedRegex(@"\A[A-Z][A-Z0-9]{1,9}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Key();
}
