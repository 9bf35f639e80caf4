using Npgsql;
using TaskFlow.Api.Database;
using TaskFlow.Api.Http;

namespace TaskFlow.Api.Comments;

/// <summary>Reads comments.</summary>
internal sealed class CommentQueries(NpgsqlDataSource database)
{
    private const string ListSql = $"""
        select {Comment.Columns} from comments c
        where c.task_id = $1 and (c.created_at, c.id) > ($2, $3)
        order by c.created_at, c.id limit $4
        """;

    /// <summary>A page of a task's comments, oldest first; null when there is no such task.</summary>
    public async Task<Page<Comment>?> ListAsync(Guid workspaceId, Guid taskId, PageQuery page, CancellationToken ct)
    {
        var limit = page.Size;
        var (at, id) = page.AfterTimeAndId() ?? (DateTimeOffset.UnixEpoch, Guid.Empty);
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand("select from tasks where id = $1 and workspace_id = $2") { Parameters = { Param.Of(taskId), Param.Of(workspaceId) } });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(ListSql) { Parameters = { Param.Of(taskId), Param.Of(at), Param.Of(id), Param.Of(limit + 1) } });
        await using var reader = await batch.ExecuteReaderAsync(ct);
        if (!await reader.ReadAsync(ct)) return null;
        await reader.NextResultAsync(ct);
        var comments = new List<Comment>();
        while (await reader.ReadAsync(ct)) comments.Add(Comment.Read(reader));
        return Page.Of(comments, limit, last => Cursor.Of(last.CreatedAt, last.Id));
    }
}
