using System.Data;
using System.Diagnostics;
using Npgsql;

namespace TaskFlow.Api.Database;

/// <summary>One attempt at a transaction.</summary>
internal sealed class TransactionAttempt(NpgsqlConnection connection, NpgsqlTransaction transaction)
{
    public NpgsqlConnection Connection => connection;

    public NpgsqlTransaction Transaction => transaction;

    /// <summary>To be set before the commit is sent: a connection that breaks later leaves open whether it happened, so nothing may be repeated.</summary>
    public bool IsCommitting { get; set; }
}

/// <summary>Every write runs through here: one connection, one transaction, committed at the end, run again where Postgres asks for it.</summary>
internal static class Transactions
{
    public const int MaxAttempts = 6;

    /// <summary>The severity of what Postgres reports when the transaction has failed for certain. What is worse ends the session, perhaps after the commit.</summary>
    public const string RolledBack = "ERROR";

    /// <summary>
    /// Runs <paramref name="work"/> in a transaction and commits it. On a serialisation failure or a deadlock, and once when the pool handed out a
    /// connection that had died, everything is rolled back and <paramref name="work"/> runs again: it must have no effects outside the transaction.
    /// </summary>
    public static async Task<T> RunAsync<T>(this NpgsqlDataSource db, Func<NpgsqlConnection, NpgsqlTransaction, Task<T>> work, CancellationToken ct)
    {
        using var activity = ApiTelemetry.Source.StartActivity("transaction");
        try
        {
            return await db.AttemptAsync(async attempt =>
            {
                var result = await work(attempt.Connection, attempt.Transaction);
                // A client that goes away now must not leave us ignorant of what became of its change.
                attempt.IsCommitting = true;
                await attempt.Transaction.CommitAsync(CancellationToken.None);
                return result;
            }, MaxAttempts, ct);
        }
        catch (Exception exception)
        {
            activity?.SetStatus(ActivityStatusCode.Error, exception.GetType().Name);
            throw;
        }
    }

    /// <summary>The same for work that commits by itself.</summary>
    public static async Task<T> AttemptAsync<T>(this NpgsqlDataSource db, Func<TransactionAttempt, Task<T>> work, int maxAttempts, CancellationToken ct)
    {
        for (var number = 1; ; number++)
        {
            TransactionAttempt? attempt = null;
            try
            {
                await using var connection = await db.OpenConnectionAsync(ct);
                await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, ct);
                attempt = new TransactionAttempt(connection, transaction);
                return await work(attempt);
            }
            catch (PostgresException exception) when (number < maxAttempts && IsRetryable(exception.SqlState))
            {
                Activity.Current?.AddEvent(new ActivityEvent("retry", tags: new() { ["db.response.status_code"] = exception.SqlState }));
                await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(2, 10 << number)), ct);
            }
            catch (NpgsqlException exception) when (attempt is not { IsCommitting: true } && number == 1 && DatabaseFailures.IsBrokenConnection(exception))
            {
                // After a restart of Postgres all idle connections are dead; this attempt found out, the next one gets a new connection.
                db.Clear();
            }
        }
    }

    private static bool IsRetryable(string sqlState) =>
        sqlState is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected;
}
