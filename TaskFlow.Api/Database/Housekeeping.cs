using Microsoft.Extensions.Options;
using Npgsql;

namespace TaskFlow.Api.Database;

/// <summary>Deletes what has had its time: kept answers, ended sessions, closed invitations, old notifications. In small steps, so that nobody waits for it.</summary>
internal sealed partial class Housekeeping(
    NpgsqlDataSource db, IOptions<HousekeepingOptions> options, SchemaReady schema, TimeProvider time, ILogger<Housekeeping> logger) : BackgroundService
{
    private const int StepSize = 1000;

    /// <summary>A statement that deletes at most $1 rows, and where ids tell the age, only such as are below $2: the id that a row of that age would have.</summary>
    private sealed record Step(string Sql, int? Days = null);

    private readonly Step[] _steps =
    [
        new("""
        delete from idempotency_keys where (user_id, route, key) in (
            select user_id, route, key from idempotency_keys where created_at < now() - interval '25 hours' limit $1)
        """),
        // A session that was revoked is kept for a while, so that its used refresh tokens are still known as such.
        new("""
        delete from sessions where id in (
            select id from sessions where expires_at < now() - interval '1 day' or revoked_at < now() - interval '7 days' limit $1)
        """),
        new("""
        delete from invitations where id in (
            select id from invitations where least(expires_at, coalesce(used_at, expires_at), coalesce(revoked_at, expires_at)) < now() - interval '30 days' limit $1)
        """),
        new("delete from signing_keys where id in (select id from signing_keys where expires_at < now() - interval '1 day' limit $1)"),
        new("delete from notifications where id in (select id from notifications where id < $2 order by id limit $1)", options.Value.NotificationDays),
        new("delete from notifications where id in (select id from notifications where is_read and id < $2 order by id limit $1)", options.Value.ReadNotificationDays),
    ];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(options.Value.Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var step in _steps)
            {
                try
                {
                    await DeleteAsync(step, stoppingToken);
                }
                catch (NpgsqlException exception)
                {
                    LogFailure(exception.Message); // the next round takes it up again; the other steps need not wait for it
                }
            }
        }
    }

    private async Task DeleteAsync(Step step, CancellationToken ct)
    {
        int deleted;
        do
        {
            await using var command = db.CreateCommand(step.Sql);
            command.Parameters.Add(Param.Of(StepSize));
            if (step.Days is { } days) command.Parameters.Add(Param.Of(Guid.CreateVersion7(time.GetUtcNow().AddDays(-days))));
            deleted = await command.ExecuteNonQueryAsync(ct);
        }
        while (deleted == StepSize);
    }

    [LoggerMessage(LogLevel.Warning, "Housekeeping stopped early: {Reason}")]
    private partial void LogFailure(string reason);
}
