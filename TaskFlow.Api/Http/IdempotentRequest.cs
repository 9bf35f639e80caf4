using System.Security.Cryptography;
using Npgsql;
using TaskFlow.Api.Database;

namespace TaskFlow.Api.Http;

/// <summary>A request that carries an Idempotency-Key: who asks for what, under which key, and the store of earlier answers.</summary>
internal sealed class IdempotentRequest(Guid userId, string route, string key, byte[] bodyHash, SecretBox secrets, TimeProvider time)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    private const string KeepSql = """
        insert into idempotency_keys (user_id, route, key, request_hash, status, location, etag, body, sealed, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        on conflict (user_id, route, key) do update
            set request_hash = excluded.request_hash, status = excluded.status, location = excluded.location, etag = excluded.etag,
                body = excluded.body, sealed = excluded.sealed, created_at = excluded.created_at
        """;

    public string Key => key;

    /// <summary>What no two requests have in common unless one repeats the other.</summary>
    public string Identity { get; } = $"{userId}\n{route}\n{key}";

    /// <summary>The answer to a repetition that comes too early.</summary>
    private static ProblemException StillRunning() => new(Problems.Conflict("The first request with this Idempotency-Key is still running."));

    /// <summary>
    /// The question for an earlier answer: two statements, because the second must not read from a snapshot taken before the lock was granted. The lock is
    /// the running request: it ends with the transaction, whatever becomes of it.
    /// </summary>
    public IReadOnlyList<NpgsqlBatchCommand> Lookup() =>
    [
        new("select pg_try_advisory_xact_lock(hashtextextended($1, 0))") { Parameters = { Param.Of(Identity) } },
        FindKept(),
    ];

    /// <summary>The second half of <see cref="Lookup"/>, for who only wants to know.</summary>
    public NpgsqlBatchCommand FindKept() =>
        new("select request_hash, status, location, etag, body, sealed from idempotency_keys where user_id = $1 and route = $2 and key = $3 and created_at > $4")
        {
            Parameters = { Param.Of(userId), Param.Of(route), Param.Of(key), Param.Of(time.GetUtcNow() - Lifetime) },
        };

    /// <summary>Reads the results of <see cref="Lookup"/>, from the first to the second.</summary>
    public static async Task<IdempotencyLookup> ReadLookupAsync(NpgsqlDataReader results, CancellationToken ct)
    {
        await results.ReadAsync(ct);
        var isFree = results.GetBoolean(0);
        await results.NextResultAsync(ct);
        return new IdempotencyLookup(isFree, await ReadKeptAsync(results, ct));
    }

    /// <summary>Reads the result of <see cref="FindKept"/>.</summary>
    public static async Task<KeptAnswer?> ReadKeptAsync(NpgsqlDataReader results, CancellationToken ct) => await results.ReadAsync(ct)
        ? new KeptAnswer(results.GetFieldValue<byte[]>(0), results.GetInt16(1), results.IsDBNull(2) ? null : results.GetString(2),
            results.IsDBNull(3) ? null : results.GetString(3), results.IsDBNull(4) ? null : results.GetFieldValue<byte[]>(4), results.GetBoolean(5))
        : null;

    /// <summary>The answer given before under this key; null when this is the first request. Throws a 409 where neither can be said.</summary>
    public Answer? Resolve(IdempotencyLookup lookup)
    {
        // What is kept is committed, whoever else asks for it just now: another repetition may hold the lock.
        if (lookup.Kept is not { } kept) return lookup.IsFree ? null : throw StillRunning();
        if (!CryptographicOperations.FixedTimeEquals(kept.RequestHash, bodyHash))
        {
            throw new ProblemException(Problems.Conflict("This Idempotency-Key was used with another body."));
        }
        return Answer.Again(kept.Status, kept is { IsSealed: true, Body: { } sealedBody } ? Open(sealedBody) : kept.Body, kept.Location, kept.ETag);
    }

    private byte[] Open(byte[] sealedBody)
    {
        try
        {
            return secrets.Open(SecretBox.Answers, sealedBody);
        }
        catch (CryptographicException)
        {
            // KeyEncryptionSecret has changed since: the change was made, and what was answered cannot be read any more.
            throw new ProblemException(Problems.Conflict("This Idempotency-Key was used, and its answer can no longer be given."));
        }
    }

    /// <summary>Asks and resolves at once.</summary>
    public async Task<Answer?> FindAnswerAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken ct)
    {
        IdempotencyLookup lookup;
        await using (var batch = new NpgsqlBatch(connection, transaction))
        {
            foreach (var statement in Lookup()) batch.BatchCommands.Add(statement);
            await using var results = await batch.ExecuteReaderAsync(ct);
            lookup = await ReadLookupAsync(results, ct);
        }
        return Resolve(lookup);
    }

    /// <summary>The statement that keeps the answer with the change that it answers.</summary>
    public NpgsqlBatchCommand Keep(Answer answer) => new(KeepSql)
    {
        Parameters =
        {
            Param.Of(userId), Param.Of(route), Param.Of(key), Param.Of(bodyHash), Param.Of((short)answer.Status), Param.Of(answer.Location), Param.Of(answer.ETag),
            Param.Of(answer is { IsSecret: true, Body: { } clear } ? secrets.Seal(SecretBox.Answers, clear) : answer.Body), Param.Of(answer.IsSecret), Param.Of(time.GetUtcNow()),
        },
    };

    /// <summary>Keeps the answer. A refusal is not kept: it may be otherwise next time.</summary>
    public async Task KeepAnswerAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, Answer answer, CancellationToken ct)
    {
        if (answer.Status >= 400) return;
        await using var batch = new NpgsqlBatch(connection, transaction) { BatchCommands = { Keep(answer) } };
        await batch.ExecuteNonQueryAsync(ct);
    }
}

/// <summary>What is known of a key: whether no other request with it runs, and what was kept under it.</summary>
internal readonly record struct IdempotencyLookup(bool IsFree, KeptAnswer? Kept);

/// <summary>A row of <c>idempotency_keys</c>.</summary>
internal sealed record KeptAnswer(byte[] RequestHash, short Status, string? Location, string? ETag, byte[]? Body, bool IsSealed);
