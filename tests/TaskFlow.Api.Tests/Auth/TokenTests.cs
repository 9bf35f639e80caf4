using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using TaskFlow.Testing;

namespace TaskFlow.Api.Tests.Auth;

/// <summary>Tokens forged in every way. One key of ours is put among the valid ones, so that each lie is tried with a good signature as well.</summary>
public sealed class TokenTests(ApiFixture fixture) : IAsyncLifetime
{
    private readonly Forgery _forgery = new();
    private TestUser _user = null!;
    private Guid _session;
    private string _kid = "";

    public async ValueTask InitializeAsync()
    {
        _user = await fixture.RegisterAsync();
        _session = Forgery.Part(_user.AccessToken, 1).GetProperty("sid").GetGuid();
        _kid = Forgery.Part(_user.AccessToken, 0).GetProperty("kid").GetString()!;
        await using var insert = fixture.Database.CreateCommand("""
            insert into signing_keys (id, public_key, private_key, created_at, active_from, expires_at)
            values ($1, $2, $3, now(), now() - interval '1 day', now() + interval '1 hour')
            """);
        insert.Parameters.Add(new() { Value = _forgery.KeyId });
        insert.Parameters.Add(new() { Value = _forgery.PublicKey });
        insert.Parameters.Add(new() { Value = new byte[64] });
        await insert.ExecuteNonQueryAsync();
        // An unknown key id makes the API look again, so the first use of a new key may fail and a later one succeeds.
        var good = _forgery.Signed(Forgery.Claims(_user.Id, _session), _forgery.KeyId);
        await Deadline.UntilAsync("the API knows the new key", async () => await StatusAsync(good) == 200);
    }

    public async ValueTask DisposeAsync()
    {
        await using var delete = fixture.Database.CreateCommand("delete from signing_keys where id = $1");
        delete.Parameters.Add(new() { Value = _forgery.KeyId });
        await delete.ExecuteNonQueryAsync();
        _forgery.Dispose();
        _user.Dispose();
    }

    [Fact]
    public async Task Well_signed_lies_are_refused()
    {
        var session = _session;
        await RefuseAsync(
            ("wrong audience", Sign(Forgery.Claims(_user.Id, session, audience: "somebody-else"))),
            ("audience of realtime tokens", Sign(Forgery.Claims(_user.Id, session, audience: "taskflow-realtime"))),
            ("wrong issuer", Sign(Forgery.Claims(_user.Id, session, issuer: "evil"))),
            ("expired", Sign(Forgery.Claims(_user.Id, session, secondsLeft: -30))),
            ("no expiry", Sign(Without(Forgery.Claims(_user.Id, session), "exp"))),
            ("no audience", Sign(Without(Forgery.Claims(_user.Id, session), "aud"))),
            ("no issuer", Sign(Without(Forgery.Claims(_user.Id, session), "iss"))),
            ("no subject", Sign(Without(Forgery.Claims(_user.Id, session), "sub"))),
            ("no session", Sign(Without(Forgery.Claims(_user.Id, session), "sid"))),
            ("no such session", Sign(Forgery.Claims(_user.Id, Guid.NewGuid()))),
            ("subject that is no id", Sign(With(Forgery.Claims(_user.Id, session), "sub", "root"))),
            ("not valid yet", Sign(With(Forgery.Claims(_user.Id, session), "nbf", DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 300))));

        string Sign(Dictionary<string, object?> claims) => _forgery.Signed(claims, _forgery.KeyId);
    }

    [Fact]
    public async Task Bad_signatures_are_refused()
    {
        var claims = Forgery.Claims(_user.Id, _session);
        var parts = _user.AccessToken.Split('.');
        var publicKey = await PublicKeyAsync(_kid);
        await RefuseAsync(
            ("alg none", Forgery.Unsigned(claims, _kid, "none")),
            ("alg None", Forgery.Unsigned(claims, _kid, "None")),
            ("alg RS256 without signature", Forgery.Unsigned(claims, _kid, "RS256")),
            ("HS256 with the public key as text", Forgery.Hmac(claims, _kid, Encoding.ASCII.GetBytes(PemEncoding.WriteString("PUBLIC KEY", publicKey)))),
            ("HS256 with the public key as bytes", Forgery.Hmac(claims, _kid, publicKey)),
            ("own key under a valid kid", _forgery.Signed(claims, _kid)),
            ("unknown kid", _forgery.Signed(claims, "nobody")),
            ("no kid", _forgery.Signed(claims, null)),
            ("RS512 in the header", _forgery.Signed(claims, _forgery.KeyId, "RS512")),
            ("somebody else's claims", $"{parts[0]}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes("""{"sub":"x"}"""))}.{parts[2]}"),
            ("cut", $"{parts[0]}.{parts[1]}"),
            ("empty signature", $"{parts[0]}.{parts[1]}."),
            ("nonsense", "nonsense"),
            ("three dots", "..."),
            ("very long", new string('a', 8000)));
    }

    [Fact]
    public async Task A_realtime_token_opens_nothing_here()
    {
        var workspace = await _user.CreateWorkspaceAsync();
        await RefuseAsync(("realtime token", await _user.RealtimeTokenAsync(workspace)));
    }

    [Theory]
    [InlineData("Basic YTpi")]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Digest x")]
    public async Task Other_credentials_are_refused(string header)
    {
        using var http = fixture.Anonymous();
        var answer = (await http.GetJsonAsync("/api/auth/me", ("Authorization", header))).Expect(401);
        Assert.Equal("unauthorized", answer.Code);
        Assert.StartsWith("Bearer", answer.Headers.WwwAuthenticate.ToString());
    }

    [Fact]
    public async Task A_token_in_the_query_is_not_looked_at()
    {
        using var http = fixture.Anonymous();
        (await http.GetJsonAsync($"/api/auth/me?access_token={_user.AccessToken}")).Expect(401);
    }

    private async Task RefuseAsync(params (string Lie, string Token)[] tokens)
    {
        var accepted = new List<string>();
        foreach (var (lie, token) in tokens)
        {
            if (await StatusAsync(token) is not 401 and var status) accepted.Add($"{lie}: {status}");
        }
        Assert.Empty(accepted);
    }

    private async Task<int> StatusAsync(string token)
    {
        using var http = fixture.Anonymous();
        return (await http.GetJsonAsync("/api/auth/me", ("Authorization", $"Bearer {token}"))).Status;
    }

    private async Task<byte[]> PublicKeyAsync(string kid)
    {
        await using var command = fixture.Database.CreateCommand("select public_key from signing_keys where id = $1");
        command.Parameters.Add(new() { Value = kid });
        return (byte[])(await command.ExecuteScalarAsync())!;
    }

    private static Dictionary<string, object?> Without(Dictionary<string, object?> claims, string name)
    {
        claims.Remove(name);
        return claims;
    }

    private static Dictionary<string, object?> With(Dictionary<string, object?> claims, string name, object value)
    {
        claims[name] = value;
        return claims;
    }
}
