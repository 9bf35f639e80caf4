using System.Text;
using Npgsql;
using TaskFlow.Api.Database;

namespace TaskFlow.Api.Http;

/// <summary>
/// The change that a POST or PATCH asks for; a handler's parameter. Its <see cref="RunAsync"/> runs the handler's transaction at most once per
/// Idempotency-Key: the key is looked up and the answer kept in that same transaction, so there is no moment at which a crash could separate
/// a change from its answer (docs/adr/0020).
/// </summary>
/// <example><code>
/// return await mutation.RunAsync(db, async (connection, transaction) =>
/// {
///     …  // everything that depends on the present state, so that a retry does not run into its own change
///     return Answer.Created(location, task, etag);
/// }, ct);
/// </code></example>
internal sealed class Mutation
{
    private readonly IdempotentRequest? _request;

    private Mutation(IdempotentRequest? request) => _request = request;

    /// <summary>For requests without a key.</summary>
    public static Mutation Unkeyed { get; } = new(null);

    /// <summary>The Idempotency-Key, echoed by the events as <c>mutationId</c>; null without one.</summary>
    public string? Id => _request?.Key;

    public static Mutation Keyed(IdempotentRequest request) => new(request);

    public static ValueTask<Mutation> BindAsync(HttpContext context) => ValueTask.FromResult(context.Features.Get<Mutation>() ?? Unkeyed);

    /// <summary>What the key stands for, for whoever runs the transaction otherwise; null without one.</summary>
    public IdempotentRequest? Request => _request;

    /// <summary>
    /// Runs <paramref name="work"/> in a transaction as <see cref="Transactions.RunAsync"/> does, unless the key has been used: then its answer is given
    /// again (same body), or a 409 (another body, or the first request still runs). A <see cref="ProblemException"/> rolls back and keeps nothing.
    /// </summary>
    public Task<Answer> RunAsync(NpgsqlDataSource db, Func<NpgsqlConnection, NpgsqlTransaction, Task<Answer>> work, CancellationToken ct) => _request is not { } request
        ? db.RunAsync(work, ct)
        : db.RunAsync(async (connection, transaction) =>
        {
            if (await request.FindAnswerAsync(connection, transaction, ct) is { } earlier) return earlier;
            var answer = await work(connection, transaction);
            await request.KeepAnswerAsync(connection, transaction, answer, ct);
            return answer;
        }, ct);
}
