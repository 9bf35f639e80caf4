using Npgsql;
using TaskFlow.Api.Database;
using TaskFlow.Api.Http;
using TaskFlow.Api.Outbox;

namespace TaskFlow.Api.Events;

/// <summary>
/// Runs transactions that append to a workspace's log, and hands what they appended to the relay once it is committed. There is no other
/// way to append, so no change can forget to be published.
/// </summary>
internal sealed class EventLog(NpgsqlDataSource database, OutboxRelay relay)
{
    private readonly WorkspaceGate _gate = new();

    /// <summary>Runs the work in a transaction, more than once where it must be repeated after a deadlock; publishes what it appended after the commit.</summary>
    public Task<T> WriteAsync<T>(Func<WorkspaceTransaction, Task<T>> work, CancellationToken cancellationToken) =>
        PublishAsync(tracked => database.RunAsync(tracked, cancellationToken), work);

    /// <summary>The same for a request that may carry an Idempotency-Key: its work runs at most once per key.</summary>
    public Task<Answer> WriteAsync(Mutation mutation, Func<WorkspaceTransaction, Task<Answer>> work, CancellationToken cancellationToken) =>
        PublishAsync(tracked => mutation.RunAsync(database, tracked, cancellationToken), work);

    /// <summary>The same, with the workspace known beforehand: then its writers take turns before they take connections.</summary>
    public Task<Answer> WriteAsync(Guid workspaceId, Mutation mutation, Func<WorkspaceTransaction, Task<Answer>> work, CancellationToken cancellationToken) =>
        TakeTurnAsync(workspaceId, () => WriteAsync(mutation, work, cancellationToken), cancellationToken);

    /// <inheritdoc cref="WriteAsync(Guid, Mutation, Func{WorkspaceTransaction, Task{Answer}}, CancellationToken)"/>
    public Task<T> WriteAsync<T>(Guid workspaceId, Func<WorkspaceTransaction, Task<T>> work, CancellationToken cancellationToken) =>
        TakeTurnAsync(workspaceId, () => WriteAsync(work, cancellationToken), cancellationToken);

    private async Task<T> TakeTurnAsync<T>(Guid workspaceId, Func<Task<T>> write, CancellationToken cancellationToken)
    {
        await _gate.EnterAsync(workspaceId, cancellationToken);
        try
        {
            return await write();
        }
        finally
        {
            _gate.Leave(workspaceId);
        }
    }

    private async Task<T> PublishAsync<T>(
        Func<Func<NpgsqlConnection, NpgsqlTransaction, Task<T>>, Task<T>> run, Func<WorkspaceTransaction, Task<T>> work)
    {
        WorkspaceTransaction? attempt = null;
        try
        {
            var result = await run(async (connection, transaction) =>
            {
                attempt?.Abandon();
                attempt = new WorkspaceTransaction(connection, transaction, relay);
                var done = await work(attempt);
                attempt.IsComplete = true;
                return done;
            });
            attempt?.Committed();
            return result;
        }
        catch
        {
            attempt?.Abandon();
            throw;
        }
    }
}
