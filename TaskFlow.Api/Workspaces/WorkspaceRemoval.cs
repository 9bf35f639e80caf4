using Microsoft.Extensions.Options;
using Npgsql;
using TaskFlow.Api.Database;

namespace TaskFlow.Api.Workspaces;

/// <summary>
/// Removes the rows that deleted workspaces have left behind, in portions, so that neither their number nor a crash in between matters: what is left is in the
/// table, and any instance goes on with it. Thread-safe.
/// </summary>
internal sealed partial class WorkspaceRemoval(
    NpgsqlDataSource database, IOptions<HousekeepingOptions> options, SchemaReady schema, ILogger<WorkspaceRemoval> logger) : BackgroundService
{
    // A number that the planner sees: it has to find a portion by its keys, and not read a table for it.
    private const string Portion = "limit 2000";

    // Two instances at the same workspace take turns: what one of them finds missing must be gone, and not just about to go.
    private const string TurnSql = "select from deleted_workspaces where id = $1 for update";

    private const string NotificationsSql = $"delete from notifications where id in (select id from notifications where workspace_id = $1 {Portion})";

    private const string NextTasks = "select id from tasks where workspace_id = $1 order by created_at, id limit 100";

    private const string CommentsSql = $"delete from comments where id in (select c.id from ({NextTasks}) t join comments c on c.task_id = t.id {Portion})";
    private const string TasksSql = $"delete from tasks where id in ({NextTasks})";
    private const string ProjectsSql = $"delete from projects where id in (select id from projects where workspace_id = $1 {Portion})";

    private const string EventsSql = $"""
        delete from events e using (select seq, created_at from events where workspace_id = $1 order by seq {Portion}) next
        where e.workspace_id = $1 and e.seq = next.seq and e.created_at = next.created_at
        """;

    private const string DoneSql = "delete from deleted_workspaces where id = $1";

    private readonly SemaphoreSlim _wake = new(0, 1);

    /// <summary>There is something to do. Without it, that is found in the next round.</summary>
    public void Wake()
    {
        lock (_wake)
        {
            if (_wake.CurrentCount == 0) _wake.Release();
        }
    }

    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.WaitAsync(stoppingToken);
        while (true)
        {
            try
            {
                foreach (var workspace in await FindAsync(stoppingToken)) await RemoveAsync(workspace, stoppingToken);
            }
            catch (NpgsqlException exception)
            {
                LogFailed(exception.Message);
            }
            await _wake.WaitAsync(options.Value.Interval, stoppingToken);
        }
    }

    private async Task<Guid[]> FindAsync(CancellationToken ct)
    {
        await using var command = database.CreateCommand("select coalesce(array_agg(id order by deleted_at), '{}') from deleted_workspaces");
        return (Guid[])(await command.ExecuteScalarAsync(ct))!;
    }

    private async Task RemoveAsync(Guid workspace, CancellationToken ct)
    {
        // Before what they refer to, and comments before their tasks: nothing is left for a foreign key to do.
        await RemoveAllAsync(NotificationsSql, workspace, ct);
        do await RemoveAllAsync(CommentsSql, workspace, ct);
        while (await RemovePortionAsync(TasksSql, workspace, ct) > 0);
        await RemoveAllAsync(ProjectsSql, workspace, ct);
        await RemoveAllAsync(EventsSql, workspace, ct);
        if (await RemovePortionAsync(DoneSql, workspace, ct) > 0) LogRemoved(workspace);
    }

    private async Task RemoveAllAsync(string sql, Guid workspace, CancellationToken ct)
    {
        while (await RemovePortionAsync(sql, workspace, ct) > 0)
        {
        }
    }

    private async Task<int> RemovePortionAsync(string sql, Guid workspace, CancellationToken ct)
    {
        var remove = new NpgsqlBatchCommand(sql) { Parameters = { Param.Of(workspace) } };
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using var batch = new NpgsqlBatch(connection, transaction) { BatchCommands = { new(TurnSql) { Parameters = { Param.Of(workspace) } }, remove } };
        await batch.ExecuteNonQueryAsync(ct);
        await transaction.CommitAsync(ct);
        return remove.RecordsAffected;
    }

    [LoggerMessage(LogLevel.Information, "Everything that was in the deleted workspace {Workspace} is gone.")]
    private partial void LogRemoved(Guid workspace);

    [LoggerMessage(LogLevel.Warning, "Removing what deleted workspaces left behind stopped early, it goes on later: {Reason}")]
    private partial void LogFailed(string reason);
}
