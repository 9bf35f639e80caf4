using Npgsql;
using TaskFlow.Api.Database;
using TaskFlow.Api.Http;

namespace TaskFlow.Api.Projects;

/// <summary>Reads projects.</summary>
internal sealed class ProjectQueries(NpgsqlDataSource database)
{
    private const string FindSql = $"select {Project.Columns} from projects p where p.id = $1 and p.workspace_id = $2";

    private const string ListSql = $"""
        select {Project.Columns} from projects p
        where p.workspace_id = $1 and (p.created_at, p.id) > ($2, $3)
        order by p.created_at, p.id limit $4
        """;

    public async Task<Project?> FindAsync(Guid workspaceId, Guid id, CancellationToken ct)
    {
        await using var command = database.CreateCommand(FindSql);
        command.Parameters.Add(Param.Of(id));
        command.Parameters.Add(Param.Of(workspaceId));
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? Project.Read(reader) : null;
    }

    /// <summary>A page of a workspace's projects, oldest first.</summary>
    public async Task<Page<Project>> ListAsync(Guid workspaceId, PageQuery page, CancellationToken ct)
    {
        var limit = page.Size;
        var (at, id) = page.AfterTimeAndId() ?? (DateTimeOffset.UnixEpoch, Guid.Empty);
        await using var command = database.CreateCommand(ListSql);
        command.Parameters.Add(Param.Of(workspaceId));
        command.Parameters.Add(Param.Of(at));
        command.Parameters.Add(Param.Of(id));
        command.Parameters.Add(Param.Of(limit + 1));
        var projects = new List<Project>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct)) projects.Add(Project.Read(reader));
        return Page.Of(projects, limit, last => Cursor.Of(last.CreatedAt, last.Id));
    }
}
