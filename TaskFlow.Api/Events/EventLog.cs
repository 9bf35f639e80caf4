using System.Collections.Concurrent;
using Npgsql;
using TaskFlow.Api.Access;
using TaskFlow.Api.Http;

namespace TaskFlow.Api.Events;

/// <summary>
/// Runs transactions that append to a workspace's log, and hands what they appended to the relay once it is committed. There is no other
/// way to append, so no change can forget to be published.
/// </summary>
internal sealed class EventLog(NpgsqlDataSource database, WriteBatch batches, GroupCommit group, WorkspaceGate gate)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>The requests with a key that are on their way: a repetition does not queue behind the first one.</summary>
    private readonly ConcurrentDictionary<string, IdempotentRequest> _running = new();

    /// <summary>
    /// Runs a change in a transaction that it may share with changes of other workspaces: the way of what many do at the same time. Several attempts may be
    /// made; of a request with an Idempotency-Key it takes effect at most once per key. The person's role is read again.
    /// </summary>
    public async Task<Answer> WriteAsync(Membership member, Mutation mutation, LogChange change, CancellationToken cancellationToken)
    {
        if (mutation.Request is { } request && !_running.TryAdd(request.Identity, request)) return await RepeatAsync(member, request, cancellationToken);
        try
        {
            var write = new LogWrite(member, mutation, change, cancellationToken);
            await group.RunAsync(write);
            return await write.WaitAsync(Patience);
        }
        finally
        {
            if (mutation.Request is { } finished) _running.TryRemove(finished.Identity, out _);
        }
    }

    /// <summary>
    /// Answers a repetition while another request with its key is on its way: where that is a repetition too, there is an answer; else it is a 409. It takes no
    /// lock, which the other one may be about to take.
    /// </summary>
    private async Task<Answer> RepeatAsync(Membership member, IdempotentRequest request, CancellationToken cancellationToken)
    {
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(member.RoleStatement());
        batch.BatchCommands.Add(request.FindKept());
        await using var results = await batch.ExecuteReaderAsync(cancellationToken);
        member.Recheck(await results.ReadAsync(cancellationToken) ? results.GetString(0) : null, member.Required);
        await results.NextResultAsync(cancellationToken);
        var kept = await IdempotentRequest.ReadKeptAsync(results, cancellationToken);
        return request.Resolve(new IdempotencyLookup(IsFree: false, kept))!;
    }

    /// <summary>Runs a change in a transaction of its own, in which it may write what it likes. Several attempts, and the key, as above.</summary>
    public async Task<Answer> WriteAloneAsync(Mutation mutation, Func<WorkspaceTransaction, Task<Answer>> change, CancellationToken cancellationToken)
    {
        var write = new LogWrite(member: null, mutation, LogChange.Of(change), cancellationToken);
        await batches.RunAloneAsync(write);
        return await write.WaitAsync(Patience);
    }

    /// <summary>The same, with the workspace known beforehand: then its writers take turns before they take connections.</summary>
    public async Task<Answer> WriteAloneAsync(Guid workspaceId, Mutation mutation, Func<WorkspaceTransaction, Task<Answer>> change, CancellationToken cancellationToken)
    {
        await gate.EnterAsync(workspaceId, cancellationToken);
        try
        {
            return await WriteAloneAsync(mutation, change, cancellationToken);
        }
        finally
        {
            gate.Leave(workspaceId);
        }
    }
}
