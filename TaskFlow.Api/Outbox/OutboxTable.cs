using Npgsql;
using TaskFlow.Api.Database;
using TaskFlow.Api.Events;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Outbox;

/// <summary>Reads from the log what was never written down as published.</summary>
internal sealed class OutboxTable(NpgsqlDataSource database)
{
    private const string Gaps = """
        from workspaces w
        left join outbox_progress p on p.workspace_id = w.id
        cross join lateral unnest(int8multirange(int8range(1, w.seq + 1)) - coalesce(p.published, '{}')) as gap
        """;

    // A limit of its own for each gap: a plain join is one that the planner may turn round, and then it reads the whole log to find what is mostly nothing.
    private const string InGap = "select * from events where workspace_id = w.id and seq >= lower(gap) and seq < upper(gap)";

    private const string OwnSql = $"""
        select {EventRows.ServiceColumns} {Gaps}
        cross join lateral ({InGap} and origin = $2 order by seq limit $3) e
        where w.id = any($1)
        order by w.id, e.seq limit $3
        """;

    // What a live instance has committed and not yet written down is its own affair.
    private const string OrphansSql = $"""
        select {EventRows.ServiceColumns} {Gaps}
        cross join lateral ({InGap} and not exists (select from outbox_leases l where l.instance_id = origin and l.expires_at > now()) order by seq limit $1) e
        order by w.id, e.seq limit $1
        """;

    /// <summary>This instance's unpublished events of the given workspaces, by workspace and seq.</summary>
    public async Task<IReadOnlyList<EventMessage>> ReadUnpublishedAsync(
        IReadOnlyCollection<Guid> workspaces, Guid instanceId, int limit, CancellationToken cancellationToken)
    {
        if (workspaces.Count == 0) return [];
        await using var command = database.CreateCommand(OwnSql);
        command.Parameters.Add(Param.Of(workspaces.ToArray()));
        command.Parameters.Add(Param.Of(instanceId));
        command.Parameters.Add(Param.Of(limit));
        return await EventRows.ReadMessagesAsync(command, cancellationToken);
    }

    /// <summary>Unpublished events of instances that are gone, by workspace and seq.</summary>
    public async Task<IReadOnlyList<EventMessage>> ReadOrphansAsync(int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(OrphansSql);
        command.Parameters.Add(Param.Of(limit));
        return await EventRows.ReadMessagesAsync(command, cancellationToken);
    }
}
