using Npgsql;
using OpenTelemetry;
using TaskFlow.Api.Database;

namespace TaskFlow.Api.Outbox;

/// <summary>
/// This instance's lease, and the seat of the one instance that sweeps up what the others left behind. Times are the database's. The two questions that
/// come every few seconds are kept out of the traces: a heartbeat that fails is a log record, one that does not is noise.
/// </summary>
internal sealed class OutboxLeases(NpgsqlDataSource database, Guid instanceId, TimeSpan duration)
{
    private const string RenewSql = """
        insert into outbox_leases (instance_id, expires_at) values ($1, now() + $2)
        on conflict (instance_id) do update set expires_at = excluded.expires_at
        """;

    private const string SeatSql = """
        insert into outbox_sweeper as s (seat, holder, expires_at) values (1, $1, now() + $2)
        on conflict (seat) do update set holder = excluded.holder, expires_at = excluded.expires_at
        where s.holder = excluded.holder or s.expires_at < now()
        returning holder
        """;

    private const string ReturnSql = """
        with given_back as (delete from outbox_sweeper where holder = $1)
        delete from outbox_leases where instance_id = $1
        """;

    /// <summary>Extends the lease and takes the seat if it is free; true when this instance is the sweeper.</summary>
    public async Task<bool> RenewAsync(CancellationToken cancellationToken)
    {
        using var suppressed = SuppressInstrumentationScope.Begin();
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand(RenewSql) { Parameters = { Param.Of(instanceId), Param.Of(duration) } });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(SeatSql) { Parameters = { Param.Of(instanceId), Param.Of(duration) } });
        return await batch.ExecuteScalarAsync(cancellationToken) is Guid;
    }

    /// <summary>The instances whose leases have expired.</summary>
    public async Task<Guid[]> ReadExpiredAsync(CancellationToken cancellationToken)
    {
        using var suppressed = SuppressInstrumentationScope.Begin();
        await using var command = database.CreateCommand("select coalesce(array_agg(instance_id), '{}') from outbox_leases where expires_at < now()");
        return (Guid[])(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Forgets instances whose events have all been published. One that has come back meanwhile stays.</summary>
    public async Task ForgetAsync(Guid[] instances, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("delete from outbox_leases where instance_id = any($1) and expires_at < now()");
        command.Parameters.Add(Param.Of(instances));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Gives lease and seat back: this instance has published everything it committed.</summary>
    public async Task ReturnAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(ReturnSql);
        command.Parameters.Add(Param.Of(instanceId));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
