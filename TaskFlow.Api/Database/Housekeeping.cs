using Npgsql;

namespace TaskFlow.Api.Database;

/// <summary>Deletes what has had its time: kept answers, ended sessions, closed invitations. In small steps, so that nobody waits for it.</summary>
internal sealed partial class Housekeeping(NpgsqlDataSource db, SchemaReady schema, TimeProvider time, ILogger<Housekeeping> logger) : BackgroundService
{
    private const int StepSize = 1000;
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(15);

    /// <summary>Each statement deletes at most $1 rows.</summary>
    private static readonly string[] Steps =
    [
        """
        delete from idempotency_keys where (user_id, route, key) in (
            select user_id, route, key from idempotency_keys where created_at < now() - interval '25 hours' limit $1)
        """,
        // A session that was revoked is kept for a while, so that its used refresh tokens are still known as such.
        """
        delete from sessions where id in (
            select id from sessions where expires_at < now() - interval '1 day' or revoked_at < now() - interval '7 days' limit $1)
        """,
        """
        delete from invitations where id in (
            select id from invitations where least(expires_at, coalesce(used_at, expires_at), coalesce(revoked_at, expires_at)) < now() - interval '30 days' limit $1)
        """,
        "delete from signing_keys where id in (select id from signing_keys where expires_at < now() - interval '1 day' limit $1)",
    ];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var step in Steps)
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

    private async Task DeleteAsync(string step, CancellationToken ct)
    {
        int deleted;
        do
        {
            await using var command = db.CreateCommand(step);
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = StepSize });
            deleted = await command.ExecuteNonQueryAsync(ct);
        }
        while (deleted == StepSize);
    }

    [LoggerMessage(LogLevel.Warning, "Housekeeping stopped early: {Reason}")]
    private partial void LogFailure(string reason);
}
