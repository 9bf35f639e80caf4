using Npgsql;
using TaskFlow.Api.Database;

namespace TaskFlow.Api.Auth;

/// <summary>Sessions and their refresh tokens. Each method runs in the caller's transaction.</summary>
internal sealed class Sessions(TimeProvider time)
{
    public const int MaxPerUser = 5;

    /// <summary>A session that is not refreshed for so long ends by itself.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(30);

    /// <summary>A used token's row goes after so long: its session knows it without.</summary>
    private static readonly TimeSpan UsedTokenLifetime = TimeSpan.FromDays(1);

    /// <summary>Starts a session and ends the oldest ones over the limit.</summary>
    public async Task<NewSession> StartAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, Guid userId, CancellationToken ct)
    {
        // Sign-ins of one person take turns, so that two at once cannot both stay under the limit.
        await connection.ExecuteAsync(transaction, "select id from users where id = @userId for no key update", new { userId }, ct);
        var now = time.GetUtcNow();
        var token = RefreshToken.OfNewFamily(Guid.CreateVersion7(now));
        await connection.ExecuteAsync(transaction,
            "insert into sessions (id, user_id, created_at, expires_at, family_hash) values (@SessionId, @userId, @now, @end, @FamilyHash)",
            new { token.SessionId, userId, now, end = now + Lifetime, token.FamilyHash }, ct);
        var ended = await connection.QueryAsync<Guid>(transaction, """
            update sessions set revoked_at = @now, revoked_reason = 'limit'
            where id in (select id from sessions where user_id = @userId and revoked_at is null order by created_at desc, id desc offset @MaxPerUser)
            returning id
            """, new { userId, now, MaxPerUser }, ct);
        await AddTokenAsync(connection, transaction, token, now, ct);
        return new NewSession(token.SessionId, token.Text, ended);
    }

    /// <summary>Takes a refresh token and gives the next one. A token that was taken before ends its session: one of the two who used it stole it.</summary>
    public async Task<Rotation> RotateAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, string refreshToken, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var hash = RefreshToken.Hash(refreshToken);
        var token = RefreshToken.Parse(refreshToken);
        var row = await connection.FirstOrDefaultAsync<TokenRow>(transaction, """
            select t.session_id, t.used_at, s.user_id, s.expires_at, s.revoked_at, u.email, u.name
            from refresh_tokens t join sessions s on s.id = t.session_id join users u on u.id = s.user_id
            where t.token_hash = @hash
            for no key update of t, s
            """, new { hash }, ct);
        if (row is null && token is not null) return await FindReuseAsync(connection, transaction, token, now, ct);
        if (row is null || row.RevokedAt is not null || row.ExpiresAt <= now) return new Rotation(RotationResult.Refused, row?.SessionId ?? Guid.Empty, null, "");
        if (row.UsedAt is not null)
        {
            await RevokeAsync(connection, transaction, row.SessionId, "reuse", ct);
            return new Rotation(RotationResult.Reused, row.SessionId, null, "");
        }
        await connection.ExecuteAsync(transaction, "update refresh_tokens set used_at = @now where token_hash = @hash", new { hash, now }, ct);
        // A token of a version without families starts one.
        var next = token?.Next() ?? RefreshToken.OfNewFamily(row.SessionId);
        await connection.ExecuteAsync(transaction, "update sessions set expires_at = @end, family_hash = @FamilyHash where id = @SessionId",
            new { row.SessionId, end = now + Lifetime, next.FamilyHash }, ct);
        await connection.ExecuteAsync(transaction, "delete from refresh_tokens where session_id = @SessionId and used_at < @before and has_family",
            new { row.SessionId, before = now - UsedTokenLifetime }, ct);
        await AddTokenAsync(connection, transaction, next, now, ct);
        return new Rotation(RotationResult.Rotated, row.SessionId, new UserDto(row.UserId, row.Email, row.Name), next.Text);
    }

    /// <summary>A token without a row that has the secret of a session's family was used so long ago that its row is gone.</summary>
    private async Task<Rotation> FindReuseAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, RefreshToken token, DateTimeOffset now, CancellationToken ct)
    {
        var isOfSession = await connection.FirstOrDefaultAsync<Guid?>(transaction,
            "select id from sessions where id = @SessionId and family_hash = @FamilyHash and revoked_at is null and expires_at > @now for no key update",
            new { token.SessionId, token.FamilyHash, now }, ct) is not null;
        if (!isOfSession) return new Rotation(RotationResult.Refused, Guid.Empty, null, "");
        await RevokeAsync(connection, transaction, token.SessionId, "reuse", ct);
        return new Rotation(RotationResult.Reused, token.SessionId, null, "");
    }

    public Task RevokeAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, Guid sessionId, string reason, CancellationToken ct) =>
        connection.ExecuteAsync(transaction, "update sessions set revoked_at = @now, revoked_reason = @reason where id = @sessionId and revoked_at is null",
            new { sessionId, reason, now = time.GetUtcNow() }, ct);

    private static Task<int> AddTokenAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, RefreshToken token, DateTimeOffset now, CancellationToken ct) =>
        connection.ExecuteAsync(transaction, "insert into refresh_tokens (token_hash, session_id, created_at, has_family) values (@hash, @SessionId, @now, true)",
            new { hash = RefreshToken.Hash(token.Text), token.SessionId, now }, ct);

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
