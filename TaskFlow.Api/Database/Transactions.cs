using System.Data;
using System.Diagnostics;
using Npgsql;

namespace TaskFlow.Api.Database;

/// <summary>Every write runs through here: one connection, one transaction, committed at the end, run again where Postgres asks for it.</summary>
internal static class Transactions
{
    private const int MaxAttempts = 6;

    /// <summary>
    /// Runs <paramref name="work"/> in a transaction and commits it. On a serialisation failure or a deadlock, and once when the pool handed out a
    /// connection that had died, everything is rolled back and <paramref name="work"/> runs again: it must have no effects outside the transaction.
    /// </summary>
    public static async Task<T> RunAsync<T>(this NpgsqlDataSource db, Func<NpgsqlConnection, NpgsqlTransaction, Task<T>> work, CancellationToken ct,
        IsolationLevel level = IsolationLevel.ReadCommitted)
    {
        using var activity = ApiTelemetry.Source.StartActivity("transaction");
        for (var attempt = 1; ; attempt++)
        {
            var committing = false;
            try
            {
                await using var connection = await db.OpenConnectionAsync(ct);
                await using var transaction = await connection.BeginTransactionAsync(level, ct);
                var result = await work(connection, transaction);
                // A client that goes away now must not leave us ignorant of what became of its change.
                committing = true;
                await transaction.CommitAsync(CancellationToken.None);
                return result;
            }
            catch (PostgresException exception) when (attempt < MaxAttempts && IsRetryable(exception.SqlState))
            {
                activity?.AddEvent(new ActivityEvent("retry", tags: new() { ["db.response.status_code"] = exception.SqlState }));
                await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(2, 10 << attempt)), ct);
            }
            catch (NpgsqlException exception) when (!committing && attempt == 1 && DatabaseFailures.IsBrokenConnection(exception))
            {
                // After a restart of Postgres all idle connections are dead; this attempt found out, the next one gets a new connection.
                db.Clear();
            }
            catch (Exception exception)
            {
                activity?.SetStatus(ActivityStatusCode.Error, exception.GetType().Name);
                throw;
            }
        }
    }

    private static bool IsRetryable(string sqlState) =>
        sqlState is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected;
}
