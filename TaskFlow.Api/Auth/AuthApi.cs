using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using TaskFlow.Api.Database;
using TaskFlow.Api.Http;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Auth;

internal static class AuthApi
{
    private const string WrongCredentials = "E-mail or password is wrong.";
    private const string DeadRefreshToken = "The refresh token is not valid any more.";

    public static void MapAuth(this IEndpointRouteBuilder routes)
    {
        var auth = routes.MapGroup("/api/auth").WithTags("Auth").IgnoreIdempotencyKey();
        auth.MapPost("/register", RegisterAsync).LimitRate(RateLimitPolicy.Register).ProducesProblem(409).WithSummary("Make an account and sign in");
        auth.MapPost("/login", LoginAsync).LimitRate(RateLimitPolicy.Login).ProducesProblem(401).WithSummary("Sign in");
        auth.MapPost("/refresh", RefreshAsync).ProducesProblem(401).WithSummary("Exchange a refresh token for a new pair; reuse of an old one ends the session");
        auth.MapPost("/logout", LogoutAsync).RequireAuthorization().WithSummary("End this session");
        auth.MapGet("/me", MeAsync).RequireAuthorization().WithSummary("The signed-in account");
        routes.MapGet(Topology.Routes.Jwks, GetJwks).WithTags("Auth").WithSummary("The public keys that verify our tokens");
    }

    private static async Task<Created<SignedIn>> RegisterAsync(RegisterRequest request, NpgsqlDataSource db, Sessions sessions, Passwords passwords,
        AccessTokens tokens, TimeProvider time, CancellationToken ct)
    {
        var check = new Validator();
        var email = check.Email("email", request.Email);
        var name = check.Text("name", request.Name, 1, 100);
        var password = check.NewPassword("password", request.Password);
        check.ThrowIfInvalid();

        var hash = await passwords.HashAsync(password, ct);
        var user = new UserDto(Guid.CreateVersion7(time.GetUtcNow()), email, name);
        var session = await db.RunAsync(async (connection, transaction) =>
        {
            var added = await connection.ExecuteAsync(transaction, """
                insert into users (id, email, email_key, name, password_hash, created_at) values (@Id, @Email, @key, @Name, @hash, @now)
                on conflict (email_key) do nothing
                """, new { user.Id, user.Email, key = Emails.Key(email), user.Name, hash, now = time.GetUtcNow() }, ct);
            if (added == 0) throw new ProblemException(Problems.Conflict("There is an account with this e-mail address already."));
            return await sessions.StartAsync(connection, transaction, user.Id, ct);
        }, ct);
        return TypedResults.Created("/api/auth/me", Answer(user, session.Id, session.RefreshToken, tokens));
    }

    private static async Task<Ok<SignedIn>> LoginAsync(LoginRequest request, NpgsqlDataSource db, Sessions sessions, Passwords passwords,
        SessionGuard guard, AccessTokens tokens, CancellationToken ct)
    {
        var check = new Validator();
        var email = check.Text("email", request.Email, 1, Emails.MaxLength);
        var password = check.Password("password", request.Password);
        check.ThrowIfInvalid();

        await using var reading = await db.OpenConnectionAsync(ct);
        var account = await reading.FirstOrDefaultAsync<AccountRow>(null, "select id, email, name, password_hash from users where email_key = @key",
            new { key = Emails.Key(email) }, ct);
        await reading.CloseAsync(); // hashing takes long: others can use it meanwhile
        if (!await passwords.VerifyAsync(account?.PasswordHash, password, ct)) throw new ProblemException(Problems.Unauthorized(WrongCredentials));

        var user = new UserDto(account!.Id, account.Email, account.Name);
        var session = await db.RunAsync((connection, transaction) => sessions.StartAsync(connection, transaction, user.Id, ct), ct);
        foreach (var ended in session.Ended) await guard.RevokedAsync(ended);
        return TypedResults.Ok(Answer(user, session.Id, session.RefreshToken, tokens));
    }

    private static async Task<Ok<SignedIn>> RefreshAsync(RefreshRequest request, NpgsqlDataSource db, Sessions sessions, SessionGuard guard,
        AccessTokens tokens, CancellationToken ct)
    {
        var check = new Validator();
        var token = check.Text("refreshToken", request.RefreshToken, 1, 1000);
        check.ThrowIfInvalid();

        var rotation = await db.RunAsync((connection, transaction) => sessions.RotateAsync(connection, transaction, token, ct), ct);
        if (rotation.Result == RotationResult.Reused) await guard.RevokedAsync(rotation.SessionId);
        return rotation.User is { } user
            ? TypedResults.Ok(Answer(user, rotation.SessionId, rotation.RefreshToken, tokens))
            : throw new ProblemException(Problems.Unauthorized(DeadRefreshToken));
    }

    private static async Task<NoContent> LogoutAsync(CurrentUser user, NpgsqlDataSource db, Sessions sessions, SessionGuard guard, CancellationToken ct)
    {
        await db.RunAsync(async (connection, transaction) =>
        {
            await sessions.RevokeAsync(connection, transaction, user.SessionId, "logout", ct);
            return true;
        }, ct);
        await guard.RevokedAsync(user.SessionId);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<UserDto>> MeAsync(CurrentUser user, NpgsqlDataSource db, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        return TypedResults.Ok(await connection.FirstAsync<UserDto>(null, "select id, email, name from users where id = @Id", new { user.Id }, ct));
    }

    private static Ok<Jwks> GetJwks(KeyRing keys, HttpResponse response)
    {
        response.Headers.CacheControl = "public, max-age=60";
        return TypedResults.Ok(keys.Jwks);
    }

    private static SignedIn Answer(UserDto user, Guid sessionId, string refreshToken, AccessTokens tokens) =>
        new(user, tokens.ForAccess(user.Id, user.Name, sessionId), (int)AccessTokens.AccessLifetime.TotalSeconds, refreshToken);

    private sealed record AccountRow(Guid Id, string Email, string Name, string PasswordHash);
}
