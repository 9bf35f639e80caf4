using Npgsql;
using TaskFlow.Api.Database;
using TaskFlow.Api.Events;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Outbox;

/// <summary>Reads from the log what was never written down as published.</summary>
internal sealed class OutboxTable(NpgsqlDataSource database)
{
    private const string Gaps = """
        left join outbox_progress p on p.workspace_id = w.id
        cross join lateral unnest(int8multirange(int8range(1, w.seq + 1)) - coalesce(p.published, '{}')) as gap
        join events e on e.workspace_id = w.id and e.seq >= lower(gap) and e.seq < upper(gap)
        """;

    private const string OwnSql = $"""
        select {EventRows.ServiceColumns} from workspaces w {Gaps}
        where w.id = any($1) and e.origin = $2
        order by e.workspace_id, e.seq limit $3
        """;

    // What a live instance has committed and not yet written down is its own affair.
    private const string OrphansSql = $"""
        select {EventRows.ServiceColumns} from workspaces w {Gaps}
        where not exists (select from outbox_leases l where l.instance_id = e.origin and l.expires_at > now())
        order by e.workspace_id, e.seq limit $1
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
