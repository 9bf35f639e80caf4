using Npgsql;
using TaskFlow.Api.Http;

namespace TaskFlow.Api.Events;

/// <summary>What a request wants to do to a workspace's log: what it has to know first, and what it decides then. Attempts follow one another; not thread-safe.</summary>
internal abstract class LogChange
{
    /// <summary>Whether it writes before it has decided, so that the transaction has to be rolled back when it is refused.</summary>
    public bool WritesFirst { get; init; }

    /// <summary>
    /// What it depends on, by id: a task, or a project as a whole. Changes of different subjects can share a transaction; one without a subject depends on
    /// anything in its workspace.
    /// </summary>
    public Guid? Subject { get; init; }

    /// <summary>The statements that it begins with, and whose results it depends on. Called for each attempt.</summary>
    public abstract IReadOnlyList<NpgsqlBatchCommand> First();

    /// <summary>Reads the first statements' results, from the first one on, and stops at the last. It refuses nothing: that is for <see cref="DecideAsync"/>.</summary>
    public abstract Task ReadAsync(NpgsqlDataReader results, CancellationToken cancellationToken);

    /// <summary>Has things written and answers, or throws a <see cref="ProblemException"/>.</summary>
    public abstract Task<Answer> DecideAsync(WorkspaceTransaction transaction);

    /// <summary>A change that finds out by itself what it has to know. It may write too, so it gets a transaction of its own.</summary>
    public static LogChange Of(Func<WorkspaceTransaction, Task<Answer>> decide) =>
        new LogChange<object?>(() => [], (_, _) => Task.FromResult<object?>(null), (transaction, _) => decide(transaction)) { WritesFirst = true };
}

/// <inheritdoc cref="LogChange"/>
/// <typeparam name="T">What is read first.</typeparam>
internal sealed class LogChange<T>(
    Func<IReadOnlyList<NpgsqlBatchCommand>> first, Func<NpgsqlDataReader, CancellationToken, Task<T>> read, Func<WorkspaceTransaction, T, Task<Answer>> decide) : LogChange
{
    private T _known = default!;

    public override IReadOnlyList<NpgsqlBatchCommand> First() => first();

    public override async Task ReadAsync(NpgsqlDataReader results, CancellationToken cancellationToken) => _known = await read(results, cancellationToken);

    public override Task<Answer> DecideAsync(WorkspaceTransaction transaction) => decide(transaction, _known);
}
