using System.Reflection;
using DbUp;
using DbUp.Engine.Output;
using Npgsql;

namespace TaskFlow.Api.Database;

/// <summary>
/// Brings the schema up to date at start: the scripts under Migrations/, in order of their numbers, each once. Instances that start together take turns
/// through an advisory lock. While Postgres is away it tries again: the instance is alive, just not ready.
/// </summary>
internal sealed partial class Migrator(NpgsqlDataSource db, DatabaseSettings settings, SchemaReady ready, ILogger<Migrator> logger) : BackgroundService
{
    private const long LockId = 0x7461736b666c6f77; // "taskflow"
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!ready.IsReady)
        {
            try
            {
                await MigrateAsync(stoppingToken);
                ready.Open();
            }
            catch (Exception exception) when (DatabaseFailures.IsUnavailable(exception))
            {
                LogWaiting(exception.Message);
                await Task.Delay(RetryDelay, stoppingToken);
            }
        }
    }

    private async Task MigrateAsync(CancellationToken ct)
    {
        // The lock lives and dies with this connection, whatever happens to the process.
        await using var connection = await db.OpenConnectionAsync(ct);
        while (!await TryLockAsync(connection, ct)) await Task.Delay(200, ct);
        try
        {
            // DbUp is synchronous.
            await Task.Run(RunScripts, ct);
        }
        finally
        {
            await using var unlock = new NpgsqlCommand("select pg_advisory_unlock($1)", connection) { Parameters = { new() { Value = LockId } } };
            await unlock.ExecuteNonQueryAsync(CancellationToken.None);
        }
    }

    private static async Task<bool> TryLockAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("select pg_try_advisory_lock($1)", connection) { Parameters = { new() { Value = LockId } } };
        return (bool)(await command.ExecuteScalarAsync(ct))!;
    }

    private void RunScripts()
    {
        var result = DeployChanges.To.PostgresqlDatabase(settings.MigrationConnectionString)
            .WithScriptsEmbeddedInAssembly(Assembly.GetExecutingAssembly(), name => name.EndsWith(".sql", StringComparison.Ordinal))
            .JournalToPostgresqlTable("public", "schema_versions")
            .WithTransactionPerScript()
            .WithVariablesDisabled()
            .LogTo(new DbUpLog(logger))
            .Build()
            .PerformUpgrade();
        if (!result.Successful) throw new InvalidOperationException($"Migration {result.ErrorScript?.Name ?? "run"} failed.", result.Error);
    }

    [LoggerMessage(LogLevel.Warning, "The schema waits for Postgres: {Reason}")]
    private partial void LogWaiting(string reason);

    private sealed class DbUpLog(ILogger logger) : IUpgradeLog
    {
        public void LogTrace(string format, params object[] args) => Write(LogLevel.Trace, format, args);
        public void LogDebug(string format, params object[] args) => Write(LogLevel.Debug, format, args);
        public void LogInformation(string format, params object[] args) => Write(LogLevel.Debug, format, args);
        public void LogWarning(string format, params object[] args) => Write(LogLevel.Warning, format, args);
        public void LogError(string format, params object[] args) => Write(LogLevel.Error, format, args);
        public void LogError(Exception ex, string format, params object[] args) => Write(LogLevel.Error, format, args, ex);

        private void Write(LogLevel level, string format, object[] args, Exception? exception = null) =>
            LogDbUp(logger, level, string.Format(System.Globalization.CultureInfo.InvariantCulture, format, args), exception);
    }

    [LoggerMessage("DbUp: {Message}")]
    private static partial void LogDbUp(ILogger logger, LogLevel level, string message, Exception? exception);
}
