using System.Diagnostics;
using Npgsql;
using TaskFlow.Api.Access;
using TaskFlow.Api.Http;

namespace TaskFlow.Api.Events;

/// <summary>
/// One request's change on its way into a workspace's log: through a queue and a transaction, perhaps through several attempts at one, to its answer.
/// Waiting for it is thread-safe; everything else is for whoever has taken it.
/// </summary>
internal sealed class LogWrite(Membership? member, Mutation mutation, LogChange change, CancellationToken cancellationToken)
{
    private const int Waiting = 0, Taken = 1, Abandoned = 2;

    // Whoever waits goes on by itself: the thread that finishes a transaction has the next one to run.
    private readonly TaskCompletionSource<Answer> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _state;
    private IReadOnlyList<NpgsqlBatchCommand> _first = [];
    private string? _role;
    private IdempotencyLookup _lookup;
    private Answer? _answer;
    private Exception? _refusal;

    public Guid WorkspaceId => member?.WorkspaceId ?? default;

    /// <inheritdoc cref="LogChange.Subject"/>
    public Guid? Subject => change.Subject;

    public CancellationToken Cancellation => cancellationToken;

    /// <summary>The change's own span in its request's trace.</summary>
    public Activity? Span { get; } = ApiTelemetry.Source.StartActivity("transaction");

    /// <summary>The context that the events carry on.</summary>
    public string? Traceparent { get; } = Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.Id : null;

    /// <summary>What is to be written; null when nothing is.</summary>
    public WorkspaceTransaction? Wanted { get; private set; }

    /// <summary>Keeps the answer under the request's key, in the transaction of the change; null without a key, for a refusal, and for an answer that was kept before.</summary>
    public NpgsqlBatchCommand? KeepAnswer => Wanted is not null && mutation.Request is { } request && _answer is { Status: < 400 } answer ? request.Keep(answer) : null;

    /// <summary>Whether it may have written something although it was refused, or had been answered before.</summary>
    public bool MustRollBack => change.WritesFirst && Wanted is null;

    /// <summary>Begins an attempt: the question for an earlier answer, what the change wants to know first, and the person's role.</summary>
    public IEnumerable<NpgsqlBatchCommand> Begin()
    {
        (_answer, _refusal, Wanted, _first) = (null, null, null, change.First());
        return [.. mutation.Request?.Lookup() ?? [], .. _first, .. member is null ? [] : new[] { member.RoleStatement() }];
    }

    /// <summary>Reads the results of <see cref="Begin"/>, from the first one on, and goes on behind the last.</summary>
    public async Task ReadAsync(NpgsqlDataReader results, CancellationToken ct)
    {
        if (mutation.Request is not null)
        {
            _lookup = await IdempotentRequest.ReadLookupAsync(results, ct);
            await results.NextResultAsync(ct);
        }
        if (_first.Count > 0)
        {
            await change.ReadAsync(results, ct);
            await results.NextResultAsync(ct);
        }
        if (member is null) return;
        _role = await results.ReadAsync(ct) ? results.GetString(0) : null;
        await results.NextResultAsync(ct);
    }

    /// <summary>Lets the change decide. A refusal is an outcome like others; what the database says is for all who share the transaction.</summary>
    public async Task DecideAsync(NpgsqlConnection connection, NpgsqlTransaction transaction)
    {
        try
        {
            var now = member?.Recheck(_role, member.Required);
            _answer = mutation.Request?.Resolve(_lookup);
            if (_answer is not null) return;
            var wanted = new WorkspaceTransaction(connection, transaction, now);
            _answer = await change.DecideAsync(wanted);
            Wanted = wanted;
        }
        catch (Exception refusal) when (refusal is not (NpgsqlException or OperationCanceledException))
        {
            _refusal = refusal;
        }
    }

    /// <summary>Its transaction is over as it should be.</summary>
    public void Complete()
    {
        Span?.Dispose();
        if (_refusal is not null) _done.TrySetException(_refusal);
        else _done.TrySetResult(_answer!);
    }

    /// <summary>It could not be done.</summary>
    public void Fail(Exception exception)
    {
        Span?.SetStatus(ActivityStatusCode.Error, exception.GetType().Name);
        Span?.Dispose();
        _done.TrySetException(exception);
    }

    /// <summary>Takes it out of the queue; false when nobody waits for it any more.</summary>
    public bool TryTake() => Interlocked.CompareExchange(ref _state, Taken, Waiting) == Waiting;

    /// <summary>
    /// The outcome. A change that nobody takes in time is given up, as is one whose client goes away before; once it is taken, the outcome is waited for: a client
    /// that goes away then must not leave us ignorant of what became of its change.
    /// </summary>
    public async Task<Answer> WaitAsync(TimeSpan patience)
    {
        try
        {
            return await _done.Task.WaitAsync(patience, cancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            // What is done by now is the outcome, whatever ended the waiting.
            if (_done.Task.IsCompleted || Interlocked.CompareExchange(ref _state, Abandoned, Waiting) != Waiting) return await _done.Task;
            Span?.Dispose();
            if (exception is OperationCanceledException) throw;
            throw new ProblemException(Problems.Unavailable(TimeSpan.FromSeconds(1), "Too many changes are waiting just now."));
        }
    }
}
