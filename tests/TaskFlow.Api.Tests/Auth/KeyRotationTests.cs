using TaskFlow.Testing;

namespace TaskFlow.Api.Tests.Auth;

/// <summary>
/// Nothing else runs beside these tests: a key that signs a quarter of an hour early, as here, is unknown to other instances for a moment, and so would others' tokens be.
/// </summary>
[CollectionDefinition(nameof(KeyRotationTests), DisableParallelization = true)]
[Collection(nameof(KeyRotationTests))]
public sealed class KeyRotationTests(ApiFixture fixture)
{
    [Fact]
    public async Task A_new_key_is_published_before_it_signs_and_the_old_one_stays_good()
    {
        using var user = await fixture.RegisterAsync();
        using var http = fixture.Anonymous();
        var old = Kid(user.AccessToken);

        // As if the key that signs had been made a month ago.
        await ExecuteAsync("update signing_keys set active_from = active_from - interval '31 days' where id = $1", old);
        string next = "";
        await Deadline.UntilAsync("a successor is published", async () =>
        {
            await WishForReloadAsync(http);
            next = await FutureKeyAsync() ?? "";
            return (await PublishedAsync(http)).Contains(next);
        });
        Assert.Contains(old, await PublishedAsync(http));
        await user.RefreshAsync();
        Assert.Equal(old, Kid(user.AccessToken)); // its time has not come

        await ExecuteAsync("update signing_keys set active_from = now() where id = $1", next);
        var before = user.AccessToken;
        await Deadline.UntilAsync("the successor signs", async () =>
        {
            await WishForReloadAsync(http);
            await user.RefreshAsync();
            return Kid(user.AccessToken) == next;
        });
        (await user.Api.GetJsonAsync("/api/auth/me")).Expect(200);
        (await http.GetJsonAsync("/api/auth/me", ("Authorization", $"Bearer {before}"))).Expect(200);
    }

    [Fact]
    public async Task The_published_keys_are_public_ones_only()
    {
        using var http = fixture.Anonymous();
        var answer = (await http.GetJsonAsync("/.well-known/jwks.json")).Expect(200);
        Assert.All(answer.Json["keys"]!.AsArray(), key =>
        {
            Assert.Equal(["alg", "e", "kid", "kty", "n", "use"], key!.AsObject().Select(member => member.Key).Order());
            Assert.Equal(("RSA", "sig", "RS256"), (key.Text("kty"), key.Text("use"), key.Text("alg")));
        });
    }

    [Fact]
    public async Task Private_keys_lie_encrypted_in_the_database()
    {
        using var user = await fixture.RegisterAsync();
        await using var command = fixture.Database.CreateCommand("select private_key from signing_keys where id = $1");
        command.Parameters.Add(new() { Value = Kid(user.AccessToken) });
        var stored = (byte[])(await command.ExecuteScalarAsync())!;
        using var rsa = System.Security.Cryptography.RSA.Create();
        Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(() => rsa.ImportPkcs8PrivateKey(stored, out _));
    }

    [Fact]
    public async Task An_instance_with_another_secret_signs_with_a_key_of_its_own_that_all_accept()
    {
        using var user = await fixture.RegisterAsync();
        var second = await fixture.SecondInstanceAsync();
        using var there = second.CreateClient(user.AccessToken);
        // It may run already, and another test lets a new key sign at once, without the time that instances get to load it.
        await Deadline.UntilAsync("the second instance knows the key", async () => (await there.GetJsonAsync("/api/auth/me")).Status == 200);
        var answer = (await there.PostJsonAsync("/api/auth/login", new { email = user.Email, password = user.Password })).Expect(200);
        var token = answer.Json.Text("accessToken");
        Assert.NotEqual(Kid(user.AccessToken), Kid(token));
        using var http = fixture.Anonymous();
        await Deadline.UntilAsync("the first instance knows the key", async () =>
            (await http.GetJsonAsync("/api/auth/me", ("Authorization", $"Bearer {token}"))).Status == 200);
    }

    private static string Kid(string token) => Forgery.Part(token, 0).GetProperty("kid").GetString()!;

    /// <summary>A token of an unknown key makes the API look for new keys soon, rather than at its next regular time.</summary>
    private static async Task WishForReloadAsync(HttpClient http)
    {
        using var forgery = new Forgery();
        (await http.GetJsonAsync("/api/auth/me", ("Authorization", $"Bearer {forgery.Signed(Forgery.Claims(Guid.NewGuid(), Guid.NewGuid()), "unknown")}"))).Expect(401);
    }

    private static async Task<string[]> PublishedAsync(HttpClient http) =>
        [.. (await http.GetJsonAsync("/.well-known/jwks.json")).Expect(200).Json["keys"]!.AsArray().Select(key => key.Text("kid"))];

    /// <summary>The key that is published and does not sign yet.</summary>
    private async Task<string?> FutureKeyAsync()
    {
        await using var command = fixture.Database.CreateCommand("select id from signing_keys where active_from > now()");
        return (string?)await command.ExecuteScalarAsync();
    }

    private async Task ExecuteAsync(string sql, string id)
    {
        await using var command = fixture.Database.CreateCommand(sql);
        command.Parameters.Add(new() { Value = id });
        await command.ExecuteNonQueryAsync();
    }
}
