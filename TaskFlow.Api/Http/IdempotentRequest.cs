using System.Security.Cryptography;
using Npgsql;
using TaskFlow.Api.Database;

namespace TaskFlow.Api.Http;

/// <summary>A request that carries an Idempotency-Key: who asks for what, under which key, and the store of earlier answers.</summary>
internal sealed class IdempotentRequest(Guid userId, string route, string key, byte[] bodyHash, SecretBox secrets, TimeProvider time)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    public string Key => key;

    /// <summary>The answer given before under this key; null when this is the first request. Throws a 409 where neither can be said.</summary>
    public async Task<Answer?> FindAnswerAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken ct)
    {
        // Two statements in one round trip, because the second must not read from a snapshot taken before the lock was granted.
        // The lock is the running request: it ends with the transaction, whatever becomes of it.
        await using var batch = new NpgsqlBatch(connection, transaction)
        {
            BatchCommands =
            {
                new("select pg_try_advisory_xact_lock(hashtextextended($1, 0))") { Parameters = { new() { Value = $"{userId}\n{route}\n{key}" } } },
                new("select request_hash, status, location, etag, body, sealed from idempotency_keys where user_id = $1 and route = $2 and key = $3 and created_at > $4")
                {
                    Parameters = { new() { Value = userId }, new() { Value = route }, new() { Value = key }, new() { Value = time.GetUtcNow() - Lifetime } },
                },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        if (!reader.GetBoolean(0)) throw new ProblemException(Problems.Conflict("The first request with this Idempotency-Key is still running."));
        await reader.NextResultAsync(ct);
        if (!await reader.ReadAsync(ct)) return null;
        if (!CryptographicOperations.FixedTimeEquals(reader.GetFieldValue<byte[]>(0), bodyHash))
        {
            throw new ProblemException(Problems.Conflict("This Idempotency-Key was used with another body."));
        }
        var body = reader.IsDBNull(4) ? null : reader.GetFieldValue<byte[]>(4);
        if (body is not null && reader.GetBoolean(5)) body = secrets.Open(SecretBox.Answers, body);
        return Answer.Again(reader.GetInt16(1), body, reader.IsDBNull(2) ? null : reader.GetString(2), reader.IsDBNull(3) ? null : reader.GetString(3));
    }

    /// <summary>Keeps the answer with the change that it answers. A refusal is not kept: it may be otherwise next time.</summary>
    public async Task KeepAnswerAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, Answer answer, CancellationToken ct)
    {
        if (answer.Status >= 400) return;
        var body = answer is { IsSecret: true, Body: { } clear } ? secrets.Seal(SecretBox.Answers, clear) : answer.Body;
        await connection.ExecuteAsync(transaction, """
            insert into idempotency_keys (user_id, route, key, request_hash, status, location, etag, body, sealed, created_at)
            values (@userId, @route, @key, @bodyHash, @status, @location, @etag, @body, @isSealed, @now)
            on conflict (user_id, route, key) do update
                set request_hash = excluded.request_hash, status = excluded.status, location = excluded.location, etag = excluded.etag,
                    body = excluded.body, sealed = excluded.sealed, created_at = excluded.created_at
            """,
            new
            {
                userId,
                route,
                key,
                bodyHash,
                status = (short)answer.Status,
                location = answer.Location,
                etag = answer.ETag,
                body,
                isSealed = answer.IsSecret,
                now = time.GetUtcNow(),
            }, ct);
    }
}
