using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Npgsql;
using TaskFlow.Api.Database;

namespace TaskFlow.Api.Events;

/// <summary>How long events are kept.</summary>
internal sealed class RetentionOptions
{
    public const string Section = "Events";

    /// <summary>Events are dropped once their whole month is older than this. Activity ends there too, and clients that ask behind it get <c>reset</c>.</summary>
    [Range(1, 36_500)]
    public int RetentionDays { get; init; } = 400;

    /// <summary>How often that is looked after.</summary>
    [Range(1, 1_440)]
    public int RetentionCheckMinutes { get; init; } = 60;
}

/// <summary>Makes the log's partitions ahead of time and drops those that are too old. Any number of instances may do so.</summary>
internal sealed partial class EventRetention(
    NpgsqlDataSource database, Microsoft.Extensions.Options.IOptions<RetentionOptions> options, SchemaReady schema, TimeProvider time, ILogger<EventRetention> logger)
    : BackgroundService
{
    private const int MonthsAhead = 3;

    // A partition's upper bound is the first instant that it does not hold.
    private const string ExpiredSql = """
        select c.relname
        from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'events'::regclass
            and substring(pg_get_expr(c.relpartbound, c.oid) from $$TO \('([^']+)'\)$$)::timestamptz <= $1
        order by c.relname
        """;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(TimeSpan.FromMinutes(options.Value.RetentionCheckMinutes), time);
        do
        {
            try
            {
                await KeepAsync(stoppingToken);
            }
            catch (NpgsqlException exception)
            {
                LogFailed(exception.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task KeepAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using (var create = new NpgsqlCommand("select create_event_partitions($1)", connection) { Parameters = { Param.Of(MonthsAhead) } })
        {
            await create.ExecuteNonQueryAsync(ct);
        }
        foreach (var partition in await ReadExpiredAsync(connection, ct))
        {
            // The lock is held for an instant, but waiting for it makes everybody else wait too: rather try again in an hour.
            var name = new NpgsqlCommandBuilder().QuoteIdentifier(partition);
            await using var drop = new NpgsqlCommand($"set local lock_timeout = '1s'; drop table {name}", connection);
            await using var transaction = await connection.BeginTransactionAsync(ct);
            await drop.ExecuteNonQueryAsync(ct);
            await transaction.CommitAsync(ct);
            LogDropped(partition);
        }
    }

    private async Task<List<string>> ReadExpiredAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(ExpiredSql, connection)
        {
            Parameters = { Param.Of(time.GetUtcNow().AddDays(-options.Value.RetentionDays)) },
        };
        await using var reader = await command.ExecuteReaderAsync(ct);
        var names = new List<string>();
        while (await reader.ReadAsync(ct)) names.Add(reader.GetString(0));
        return names;
    }

    [LoggerMessage(LogLevel.Information, "Dropped the events of {Partition}: they were older than is kept.")]
    private partial void LogDropped(string partition);

    [LoggerMessage(LogLevel.Warning, "Looking after the log's partitions failed, trying again later: {Reason}")]
    private partial void LogFailed(string reason);
}
