using Npgsql;
using TaskFlow.Api.Database;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Internal;

/// <summary>What Push asks, apart from the feed.</summary>
internal sealed class ServiceQueries(NpgsqlDataSource database, TimeProvider time)
{
    private const string HeadsSql = "select id, seq from workspaces where id = any($1)";

    private const string RevokedSql = """
        select s.id from unnest($1) as s(id)
        where not exists (select from sessions l where l.id = s.id and l.revoked_at is null and l.expires_at > $2)
        """;

    public async Task<HeadsResponse> ReadHeadsAsync(HeadsRequest request, CancellationToken ct)
    {
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand("select log_epoch()"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(HeadsSql) { Parameters = { Param.Of(request.Workspaces.ToArray()) } });
        if (request.Sessions.Count > 0)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(RevokedSql) { Parameters = { Param.Of(request.Sessions.ToArray()), Param.Of(time.GetUtcNow()) } });
        }

        await using var reader = await batch.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        var epoch = reader.GetString(0);
        await reader.NextResultAsync(ct);
        var heads = new Dictionary<Guid, long>(request.Workspaces.Count);
        while (await reader.ReadAsync(ct)) heads[reader.GetGuid(0)] = reader.GetInt64(1);
        var revoked = new List<Guid>();
        if (await reader.NextResultAsync(ct))
        {
            while (await reader.ReadAsync(ct)) revoked.Add(reader.GetGuid(0));
        }
        return new HeadsResponse { Epoch = epoch, Heads = heads, Revoked = revoked };
    }

    public async Task<bool> HasTaskAsync(Guid workspaceId, Guid id, CancellationToken ct)
    {
        await using var command = database.CreateCommand("select 1 from tasks t join workspaces w on w.id = t.workspace_id where t.id = $1 and w.id = $2");
        command.Parameters.Add(Param.Of(id));
        command.Parameters.Add(Param.Of(workspaceId));
        return await command.ExecuteScalarAsync(ct) is not null;
    }
}
