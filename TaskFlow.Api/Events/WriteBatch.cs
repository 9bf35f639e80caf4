using System.Diagnostics.Metrics;
using Npgsql;
using TaskFlow.Api.Database;
using TaskFlow.Api.Http;
using TaskFlow.Api.Outbox;

namespace TaskFlow.Api.Events;

/// <summary>
/// Runs changes in one transaction, in two round trips where they need no more: all that they want to know first; then all that they want
/// written, their events and the commit. None of them depends on another. Hands their events to the relay when they are committed.
/// </summary>
internal sealed class WriteBatch(NpgsqlDataSource database, OutboxRelay relay, WorkspaceGate gate, TimeProvider time)
{
    private static readonly Histogram<int> Together = ApiTelemetry.Meter.CreateHistogram<int>(
        "taskflow.log.changes_per_commit", "{change}", "Changes that shared a transaction.");

    // Waiting for somebody else's lock would keep all others waiting too.
    private const string ShortPatience = "set local lock_timeout = '100ms'";

    /// <summary>Runs one change by itself, as often and as long as it takes. Never throws: the outcome is the change's.</summary>
    public async Task RunAloneAsync(LogWrite write)
    {
        try
        {
            await database.AttemptAsync(attempt => RunAsync(attempt, [write], isPatient: true, write.Cancellation), Transactions.MaxAttempts, write.Cancellation);
            write.Complete();
        }
        catch (PostgresException exception) when (EventAppend.IsOfDeletedWorkspace(exception))
        {
            write.Fail(new ProblemException(Problems.NotFound("The workspace was deleted.")));
        }
        catch (Exception exception)
        {
            write.Fail(exception);
        }
    }

    /// <summary>
    /// Runs changes together; never throws. What the database refuses, or what waits for somebody else's lock, goes its way alone: it is not waited for, lest
    /// the others wait too.
    /// </summary>
    /// <param name="writes">In the order of their workspaces and subjects, which is the same on every instance: so two batches do not wait for each other.</param>
    public async Task RunTogetherAsync(IReadOnlyList<LogWrite> writes)
    {
        var cancellation = writes.Count == 1 ? writes[0].Cancellation : CancellationToken.None;
        try
        {
            while (writes.Count > 0)
            {
                var together = writes;
                var failed = await database.AttemptAsync(attempt => RunAsync(attempt, together, isPatient: false, cancellation), maxAttempts: 1, cancellation);
                foreach (var write in together) if (failed is null || write == failed) write.Complete();
                writes = failed is null ? [] : [.. together.Where(write => write != failed)];
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or PostgresException { InvariantSeverity: Transactions.RolledBack })
        {
            foreach (var write in writes) _ = RunInTurnAsync(write);
        }
        catch (Exception exception)
        {
            foreach (var write in writes) write.Fail(exception);
        }
    }

    /// <summary>Runs a change by itself when it is its turn: whoever holds up one workspace must not make its writers take all connections.</summary>
    private async Task RunInTurnAsync(LogWrite write)
    {
        try
        {
            await gate.EnterAsync(write.WorkspaceId, write.Cancellation);
        }
        catch (Exception exception)
        {
            write.Fail(exception);
            return;
        }
        await RunAloneAsync(write);
        gate.Leave(write.WorkspaceId);
    }

    /// <summary>One attempt. Returns a change for whose sake everything had to be rolled back, itself with its outcome and the others to be tried again; else null.</summary>
    private async Task<LogWrite?> RunAsync(TransactionAttempt attempt, IReadOnlyList<LogWrite> writes, bool isPatient, CancellationToken ct)
    {
        await BeginAsync(attempt, writes, isPatient, ct);
        foreach (var write in writes) await write.DecideAsync(attempt.Connection, attempt.Transaction);
        if (writes.FirstOrDefault(write => write.MustRollBack) is { } futile)
        {
            await attempt.Transaction.RollbackAsync(CancellationToken.None);
            return futile;
        }
        await FinishAsync(attempt, writes);
        return null;
    }

    private static async Task BeginAsync(TransactionAttempt attempt, IReadOnlyList<LogWrite> writes, bool isPatient, CancellationToken ct)
    {
        await using var batch = new NpgsqlBatch(attempt.Connection, attempt.Transaction);
        if (!isPatient) batch.BatchCommands.Add(new NpgsqlBatchCommand(ShortPatience));
        foreach (var write in writes)
        {
            foreach (var statement in write.Begin()) batch.BatchCommands.Add(statement);
        }
        if (batch.BatchCommands.Count == 0) return;
        await using var results = await batch.ExecuteReaderAsync(ct);
        foreach (var write in writes) await write.ReadAsync(results, ct);
    }

    private async Task FinishAsync(TransactionAttempt attempt, IReadOnlyList<LogWrite> writes)
    {
        await using var batch = new NpgsqlBatch(attempt.Connection, attempt.Transaction);
        var appending = new List<LogWrite>(writes.Count);
        foreach (var write in writes)
        {
            if (write.Wanted is not { } wanted) continue;
            foreach (var statement in wanted.Statements) batch.BatchCommands.Add(statement);
            if (wanted.Drafts.Count > 0)
            {
                batch.BatchCommands.Add(EventAppend.Statement(wanted.Drafts, write.Traceparent, relay.InstanceId));
                appending.Add(write);
            }
            if (write.KeepAnswer is { } keep) batch.BatchCommands.Add(keep);
        }
        batch.BatchCommands.Add(new NpgsqlBatchCommand("commit"));

        // From here on a client that goes away must not leave us ignorant of what became of its change.
        attempt.IsCommitting = true;
        try
        {
            var firsts = await SendAsync(batch, appending.Count);
            Together.Record(writes.Count);
            var committedAt = time.GetUtcNow().ToUnixMicroseconds();
            for (var i = 0; i < appending.Count; i++) Publish(appending[i], firsts[i], committedAt);
        }
        catch (Exception exception) when (exception is not PostgresException { InvariantSeverity: Transactions.RolledBack })
        {
            // Nobody but the database knows now whether it was committed.
            foreach (var write in appending) relay.Doubt(write.Wanted!.Drafts[0].WorkspaceId);
            throw;
        }
    }

    /// <summary>Sends everything with the commit; returns the first seq of each change that appends.</summary>
    private static async Task<long[]> SendAsync(NpgsqlBatch batch, int appending)
    {
        var firsts = new long[appending];
        await using var results = await batch.ExecuteReaderAsync(CancellationToken.None);
        for (var i = 0; i < appending; i++)
        {
            firsts[i] = long.MaxValue;
            while (await results.ReadAsync(CancellationToken.None)) firsts[i] = Math.Min(firsts[i], results.GetInt64(0));
            await results.NextResultAsync(CancellationToken.None);
        }
        while (await results.NextResultAsync(CancellationToken.None))
        {
        }
        return firsts;
    }

    private void Publish(LogWrite write, long first, long committedAt)
    {
        var drafts = write.Wanted!.Drafts;
        for (var i = 0; i < drafts.Count; i++) relay.Publish(EventAppend.Message(drafts[i], first + i, write.Traceparent, committedAt));
    }
}
