using Npgsql;
using TaskFlow.Api.Database;

namespace TaskFlow.Api.Outbox;

/// <summary>
/// Remembers what was published and writes it down now and then, so that publishing never waits for the database. What is not written
/// down when the process dies is published once more by whoever sweeps up. Thread-safe.
/// </summary>
internal sealed class OutboxProgress(NpgsqlDataSource database)
{
    // Nothing is lost when this commit is: then something is published twice. So it need not wait for the disk.
    private const string FlushSql = """
        insert into outbox_progress (workspace_id, published)
        select r.workspace_id, range_agg(int8range(r.first, r.last, '[]'))
        from unnest($1, $2, $3) as r(workspace_id, first, last)
        where exists (select from workspaces w where w.id = r.workspace_id)
        group by r.workspace_id
        order by r.workspace_id
        on conflict (workspace_id) do update set published = outbox_progress.published + excluded.published
        """;

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _flushing = new(1, 1);
    private Dictionary<Guid, List<(long First, long Last)>> _ranges = [];

    /// <summary>Notes that an event was published.</summary>
    public void Add(Guid workspaceId, long seq)
    {
        lock (_lock) Add(workspaceId, seq, seq);
    }

    /// <summary>Writes down what was noted so far. On failure it stays noted.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        await _flushing.WaitAsync(cancellationToken);
        try
        {
            Dictionary<Guid, List<(long First, long Last)>> ranges;
            lock (_lock) (ranges, _ranges) = (_ranges, []);
            if (ranges.Count == 0) return;
            try
            {
                await WriteAsync(ranges, cancellationToken);
            }
            catch
            {
                lock (_lock)
                {
                    foreach (var (workspaceId, list) in ranges)
                    {
                        foreach (var (first, last) in list) Add(workspaceId, first, last);
                    }
                }
                throw;
            }
        }
        finally
        {
            _flushing.Release();
        }
    }

    private void Add(Guid workspaceId, long first, long last)
    {
        if (!_ranges.TryGetValue(workspaceId, out var list)) _ranges[workspaceId] = list = [];
        if (list.Count > 0 && list[^1].Last + 1 == first) list[^1] = (list[^1].First, last);
        else list.Add((first, last));
    }

    private async Task WriteAsync(Dictionary<Guid, List<(long First, long Last)>> ranges, CancellationToken cancellationToken)
    {
        var rows = ranges.SelectMany(pair => pair.Value.Select(range => (Workspace: pair.Key, range.First, range.Last))).ToArray();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection, transaction)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand("set local synchronous_commit = off"),
                new NpgsqlBatchCommand(FlushSql)
                {
                    Parameters =
                    {
                        Param.Of(Array.ConvertAll(rows, row => row.Workspace)),
                        Param.Of(Array.ConvertAll(rows, row => row.First)),
                        Param.Of(Array.ConvertAll(rows, row => row.Last)),
                    },
                },
            },
        };
        await batch.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }
}
