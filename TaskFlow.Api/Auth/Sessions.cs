using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using TaskFlow.Api.Database;

namespace TaskFlow.Api.Auth;

/// <summary>Sessions and their refresh tokens. Each method runs in the caller's transaction.</summary>
internal sealed class Sessions(TimeProvider time)
{
    public const int MaxPerUser = 5;

    /// <summary>A session that is not refreshed for so long ends by itself.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(30);

    private const int TokenBytes = 32;

    /// <summary>Starts a session and ends the oldest ones over the limit.</summary>
    public async Task<NewSession> StartAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, Guid userId, CancellationToken ct)
    {
        // Sign-ins of one person take turns, so that two at once cannot both stay under the limit.
        await connection.ExecuteAsync(transaction, "select id from users where id = @userId for no key update", new { userId }, ct);
        var now = time.GetUtcNow();
        var sessionId = Guid.CreateVersion7(now);
        await connection.ExecuteAsync(transaction,
            "insert into sessions (id, user_id, created_at, expires_at) values (@sessionId, @userId, @now, @end)", new { sessionId, userId, now, end = now + Lifetime }, ct);
        var ended = await connection.QueryAsync<Guid>(transaction, """
            update sessions set revoked_at = @now, revoked_reason = 'limit'
            where id in (select id from sessions where user_id = @userId and revoked_at is null order by created_at desc, id desc offset @MaxPerUser)
            returning id
            """, new { userId, now, MaxPerUser }, ct);
        return new NewSession(sessionId, await AddTokenAsync(connection, transaction, sessionId, now, ct), ended);
    }

    /// <summary>Takes a refresh token and gives the next one. A token that was taken before ends its session: one of the two who used it stole it.</summary>
    public async Task<Rotation> RotateAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, string refreshToken, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var hash = Hash(refreshToken);
        var row = await connection.FirstOrDefaultAsync<TokenRow>(transaction, """
            select t.session_id, t.used_at, s.user_id, s.expires_at, s.revoked_at, u.email, u.name
            from refresh_tokens t join sessions s on s.id = t.session_id join users u on u.id = s.user_id
            where t.token_hash = @hash
            for no key update of t, s
            """, new { hash }, ct);
        if (row is null || row.RevokedAt is not null || row.ExpiresAt <= now) return new Rotation(RotationResult.Refused, row?.SessionId ?? Guid.Empty, null, "");
        if (row.UsedAt is not null)
        {
            await RevokeAsync(connection, transaction, row.SessionId, "reuse", ct);
            return new Rotation(RotationResult.Reused, row.SessionId, null, "");
        }
        await connection.ExecuteAsync(transaction, "update refresh_tokens set used_at = @now where token_hash = @hash", new { hash, now }, ct);
        await connection.ExecuteAsync(transaction, "update sessions set expires_at = @end where id = @SessionId", new { row.SessionId, end = now + Lifetime }, ct);
        return new Rotation(RotationResult.Rotated, row.SessionId, new UserDto(row.UserId, row.Email, row.Name),
            await AddTokenAsync(connection, transaction, row.SessionId, now, ct));
    }

    public Task RevokeAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, Guid sessionId, string reason, CancellationToken ct) =>
        connection.ExecuteAsync(transaction, "update sessions set revoked_at = @now, revoked_reason = @reason where id = @sessionId and revoked_at is null",
            new { sessionId, reason, now = time.GetUtcNow() }, ct);

    private static async Task<string> AddTokenAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, Guid sessionId, DateTimeOffset now, CancellationToken ct)
    {
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes));
        await connection.ExecuteAsync(transaction, "insert into refresh_tokens (token_hash, session_id, created_at) values (@hash, @sessionId, @now)",
            new { hash = Hash(token), sessionId, now }, ct);
        return token;
    }

    /// <summary>The token is random enough that a fast hash keeps it secret.</summary>
    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private sealed record TokenRow(Guid SessionId, DateTimeOffset? UsedAt, Guid UserId, DateTimeOffset ExpiresAt, DateTimeOffset? RevokedAt, string Email, string Name);
}

/// <param name="Id">The session's id.</param>
/// <param name="RefreshToken">Its first refresh token.</param>
/// <param name="Ended">Sessions that had to make room.</param>
internal sealed record NewSession(Guid Id, string RefreshToken, IReadOnlyList<Guid> Ended);

internal enum RotationResult
{
    Rotated,
    Refused,
    Reused,
}

/// <param name="Result">What became of the token.</param>
/// <param name="SessionId">The token's session, where there is one.</param>
/// <param name="User">Whose it is; only when rotated.</param>
/// <param name="RefreshToken">The next token; only when rotated.</param>
internal sealed record Rotation(RotationResult Result, Guid SessionId, UserDto? User, string RefreshToken);
