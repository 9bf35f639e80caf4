using System.Buffers.Text;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using TaskFlow.Testing;

namespace TaskFlow.Api.Tests.Auth;

public sealed class SessionTests(ApiFixture fixture)
{
    [Fact]
    public async Task A_wrong_password_and_an_unknown_address_get_the_same_answer()
    {
        using var user = await fixture.RegisterAsync();
        using var http = fixture.Anonymous();
        var wrong = (await http.PostJsonAsync("/api/auth/login", new { email = user.Email, password = "not the one 1" })).Expect(401);
        var unknown = (await http.PostJsonAsync("/api/auth/login", new { email = "nobody-" + user.Email, password = "not the one 1" })).Expect(401);
        Assert.Equal("unauthorized", wrong.Code);
        Assert.Equal(Without(wrong, "traceId"), Without(unknown, "traceId"));
    }

    [Fact]
    public async Task An_unknown_address_costs_a_password_check_too()
    {
        using var user = await fixture.RegisterAsync();
        using var http = fixture.Anonymous();
        var (wrong, unknown) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        // The fastest of several of each: what the machine does besides only ever adds.
        for (var round = 0; round < 4; round++)
        {
            wrong = Min(wrong, await TimeAsync(user.Email));
            unknown = Min(unknown, await TimeAsync("nobody-" + user.Email));
        }
        Assert.True(unknown > wrong / 4, $"unknown address: {unknown.TotalMilliseconds:0} ms, wrong password: {wrong.TotalMilliseconds:0} ms");

        async Task<TimeSpan> TimeAsync(string email)
        {
            var start = Stopwatch.GetTimestamp();
            (await http.PostJsonAsync("/api/auth/login", new { email, password = "not the one 1" })).Expect(401);
            return Stopwatch.GetElapsedTime(start);
        }
    }

    [Fact]
    public async Task Refreshing_gives_a_new_pair_and_the_old_token_is_dead()
    {
        using var user = await fixture.RegisterAsync();
        var (firstAccess, firstRefresh) = (user.AccessToken, user.RefreshToken);
        await user.RefreshAsync();
        Assert.NotEqual(firstAccess, user.AccessToken);
        Assert.NotEqual(firstRefresh, user.RefreshToken);
        (await user.Api.GetJsonAsync("/api/auth/me")).Expect(200);
        (await user.Api.PostJsonAsync("/api/auth/refresh", new { refreshToken = firstRefresh })).Expect(401);
    }

    [Fact]
    public async Task Reuse_of_a_refresh_token_ends_the_whole_session_and_no_other()
    {
        using var user = await fixture.RegisterAsync();
        using var other = await LoginAsync(user);
        var stolen = user.RefreshToken;
        await user.RefreshAsync();

        (await user.Api.PostJsonAsync("/api/auth/refresh", new { refreshToken = stolen })).Expect(401);
        (await user.Api.PostJsonAsync("/api/auth/refresh", new { refreshToken = user.RefreshToken })).Expect(401);
        (await user.Api.GetJsonAsync("/api/auth/me")).Expect(401);
        (await other.GetJsonAsync("/api/auth/me")).Expect(200);
    }

    [Fact]
    public async Task A_used_refresh_token_is_known_as_such_after_its_row_is_gone()
    {
        using var user = await fixture.RegisterAsync();
        using var other = await LoginAsync(user);
        var session = Forgery.Part(user.AccessToken, 1).GetProperty("sid").GetGuid();
        var stolen = user.RefreshToken;
        for (var i = 0; i < 3; i++) await user.RefreshAsync();
        await ExecuteAsync($"update refresh_tokens set used_at = used_at - interval '25 hours' where session_id = '{session}'");
        await user.RefreshAsync();
        // The one that is good, and the one that it came for.
        await using (var count = fixture.Database.CreateCommand($"select count(*) from refresh_tokens where session_id = '{session}'"))
        {
            Assert.Equal(2L, await count.ExecuteScalarAsync());
        }

        // Who only knows which session it is can do nothing to it.
        var forged = Base64Url.DecodeFromChars(user.RefreshToken);
        forged[20] ^= 1;
        (await user.Api.PostJsonAsync("/api/auth/refresh", new { refreshToken = Base64Url.EncodeToString(forged) })).Expect(401);
        await user.RefreshAsync();

        (await user.Api.PostJsonAsync("/api/auth/refresh", new { refreshToken = stolen })).Expect(401);
        (await user.Api.PostJsonAsync("/api/auth/refresh", new { refreshToken = user.RefreshToken })).Expect(401);
        (await user.Api.GetJsonAsync("/api/auth/me")).Expect(401);
        (await other.GetJsonAsync("/api/auth/me")).Expect(200);
    }

    [Fact]
    public async Task A_refresh_token_of_the_version_before_is_good_once_and_stays_known()
    {
        using var user = await fixture.RegisterAsync();
        var session = Forgery.Part(user.AccessToken, 1).GetProperty("sid").GetGuid();
        var old = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var hash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(old)));
        await ExecuteAsync($"""
            delete from refresh_tokens where session_id = '{session}';
            update sessions set family_hash = null where id = '{session}';
            insert into refresh_tokens (token_hash, session_id, created_at) values (decode('{hash}', 'hex'), '{session}', now())
            """);

        var next = (await user.Api.PostJsonAsync("/api/auth/refresh", new { refreshToken = old })).Expect(200).Json.Text("refreshToken");
        await ExecuteAsync($"update refresh_tokens set used_at = used_at - interval '25 hours' where session_id = '{session}'");
        next = (await user.Api.PostJsonAsync("/api/auth/refresh", new { refreshToken = next })).Expect(200).Json.Text("refreshToken");

        (await user.Api.PostJsonAsync("/api/auth/refresh", new { refreshToken = old })).Expect(401);
        (await user.Api.PostJsonAsync("/api/auth/refresh", new { refreshToken = next })).Expect(401);
    }

    [Fact]
    public async Task Of_simultaneous_refreshes_with_one_token_at_most_one_succeeds()
    {
        using var user = await fixture.RegisterAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => user.Api.PostJsonAsync("/api/auth/refresh", new { refreshToken = user.RefreshToken })));
        Assert.Single(answers, answer => answer.Status == 200);
        Assert.All(answers, answer => Assert.True(answer.Status is 200 or 401, answer.Body));
        // A token used twice is a stolen one, so what the winner got is dead as well.
        var winner = answers.Single(answer => answer.Status == 200).Json.Text("refreshToken");
        (await user.Api.PostJsonAsync("/api/auth/refresh", new { refreshToken = winner })).Expect(401);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("' or 1=1 --")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task An_unknown_refresh_token_is_refused(string refreshToken)
    {
        using var http = fixture.Anonymous();
        (await http.PostJsonAsync("/api/auth/refresh", new { refreshToken })).Expect(401);
    }

    [Fact]
    public async Task Logging_out_ends_access_and_refresh_tokens_of_that_session_at_once()
    {
        using var user = await fixture.RegisterAsync();
        using var other = await LoginAsync(user);
        (await user.Api.PostJsonAsync("/api/auth/logout", null)).Expect(204);
        (await user.Api.GetJsonAsync("/api/auth/me")).Expect(401);
        (await user.Api.PostJsonAsync("/api/auth/refresh", new { refreshToken = user.RefreshToken })).Expect(401);
        (await other.GetJsonAsync("/api/auth/me")).Expect(200);
    }

    [Fact]
    public async Task The_sixth_sign_in_ends_the_oldest_session()
    {
        using var user = await fixture.RegisterAsync();
        var others = new List<HttpClient>();
        for (var session = 2; session <= 5; session++) others.Add(await LoginAsync(user));
        (await user.Api.GetJsonAsync("/api/auth/me")).Expect(200);

        others.Add(await LoginAsync(user));
        (await user.Api.GetJsonAsync("/api/auth/me")).Expect(401);
        foreach (var other in others)
        {
            (await other.GetJsonAsync("/api/auth/me")).Expect(200);
            other.Dispose();
        }
    }

    [Fact]
    public async Task An_ended_session_is_ended_on_every_instance()
    {
        var second = await fixture.SecondInstanceAsync();
        using var user = await fixture.RegisterAsync();
        using var there = second.CreateClient(user.AccessToken);
        (await there.GetJsonAsync("/api/auth/me")).Expect(200);
        (await user.Api.PostJsonAsync("/api/auth/logout", null)).Expect(204);
        await Deadline.UntilAsync("the other instance refuses the session", async () => (await there.GetJsonAsync("/api/auth/me")).Status == 401);
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = fixture.Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<HttpClient> LoginAsync(TestUser user)
    {
        var http = fixture.Anonymous();
        var answer = (await http.PostJsonAsync("/api/auth/login", new { email = user.Email, password = user.Password })).Expect(200);
        http.DefaultRequestHeaders.Authorization = new("Bearer", answer.Json.Text("accessToken"));
        return http;
    }

    private static string Without(ApiResponse answer, string field)
    {
        var json = answer.Json.DeepClone().AsObject();
        json.Remove(field);
        return json.ToJsonString();
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
