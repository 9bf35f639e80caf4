using TaskFlow.Testing;

namespace TaskFlow.Api.Tests.Http;

/// <summary>On instances with limits of their own.</summary>
public sealed class RateLimitTests(ApiFixture fixture, RateLimitTests.Pair pair) : IClassFixture<RateLimitTests.Pair>
{
    [Fact]
    public async Task Requests_over_the_limit_are_told_when_to_come_back()
    {
        using var user = await fixture.RegisterAsync();
        using var http = pair.First.CreateClient(user.AccessToken);
        var answers = new List<ApiResponse>();
        for (var number = 0; number < 25; number++) answers.Add(await http.GetJsonAsync("/api/auth/me"));

        Assert.Equal(200, answers[0].Status);
        Assert.Equal("\"general\";q=10;w=60", answers[0].Headers.GetValues("RateLimit-Policy").Single());
        Assert.Matches("^\"general\";r=9;t=[0-9]+$", answers[0].Headers.GetValues("RateLimit").Single());
        var refused = answers.Where(answer => answer.Status == 429).ToList();
        // A slow machine may see the window move on, which gives a little back.
        Assert.InRange(answers.Count(answer => answer.Status == 200), 10, 15);
        Assert.Equal(25, refused.Count + answers.Count(answer => answer.Status == 200));
        Assert.All(refused, answer =>
        {
            Assert.Equal("rate_limited", answer.Code);
            Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 120);
            Assert.Matches("^\"general\";r=0;t=[0-9]+$", answer.Headers.GetValues("RateLimit").Single());
        });

        using var other = await fixture.RegisterAsync();
        using var theirs = pair.First.CreateClient(other.AccessToken);
        (await theirs.GetJsonAsync("/api/auth/me")).Expect(200);
    }

    [Fact]
    public async Task A_limit_holds_over_all_instances()
    {
        using var user = await fixture.RegisterAsync();
        using var here = pair.First.CreateClient(user.AccessToken);
        using var there = pair.Second.CreateClient(user.AccessToken);
        var served = 0;
        for (var number = 0; number < 10; number++)
        {
            if ((await here.GetJsonAsync("/api/auth/me")).Status == 200) served++;
            if ((await there.GetJsonAsync("/api/auth/me")).Status == 200) served++;
        }
        Assert.InRange(served, 10, 15);
    }

    [Fact]
    public async Task Without_Redis_each_instance_counts_by_itself_and_no_header_moves_a_caller_elsewhere()
    {
        await using var instance = await ApiInstance.StartAsync(fixture, new Dictionary<string, string>
        {
            ["ConnectionStrings:redis"] = "127.0.0.1:1",
            ["RateLimits:Login"] = "5",
            ["RateLimits:Register"] = "3",
        });
        using var http = instance.CreateClient();
        Assert.Equal("degraded", (await http.GetJsonAsync("/health")).Expect(200).Json["checks"]!["redis"].Text("status"));

        var logins = new List<int>();
        for (var number = 0; number < 8; number++)
        {
            logins.Add((await http.PostJsonAsync("/api/auth/login", new { email = "a@b.org", password = "x" }, ("X-Forwarded-For", $"203.0.113.{number}"), ("X-Real-IP", $"203.0.113.{number}"), ("Forwarded", $"for=203.0.113.{number}"))).Status);
        }
        Assert.Equal([401, 401, 401, 401, 401], logins.Take(5));
        Assert.Contains(429, logins.Skip(5));
        var registrations = new List<int>();
        for (var number = 0; number < 5; number++) registrations.Add((await http.PostJsonAsync("/api/auth/register", "{}")).Status);
        Assert.Equal([400, 400, 400], registrations.Take(3));
        Assert.Contains(429, registrations.Skip(3));
    }

    [Fact]
    public async Task Behind_a_known_proxy_the_forwarded_address_counts()
    {
        await using var instance = await ApiInstance.StartAsync(fixture, new Dictionary<string, string>
        {
            ["ConnectionStrings:redis"] = "127.0.0.1:1",
            ["RateLimits:Login"] = "2",
            ["ForwardedHeaders:KnownProxies"] = "127.0.0.0/8, ::1",
        });
        using var http = instance.CreateClient();
        for (var number = 0; number < 6; number++)
        {
            (await http.PostJsonAsync("/api/auth/login", new { email = "a@b.org", password = "x" }, ("X-Forwarded-For", $"203.0.113.{number}"))).Expect(401);
        }
        // Only the address that the proxy itself has seen counts, not what the caller wrote before it.
        var statuses = new List<int>();
        for (var number = 0; number < 4; number++)
        {
            statuses.Add((await http.PostJsonAsync("/api/auth/login", new { email = "a@b.org", password = "x" }, ("X-Forwarded-For", $"198.51.100.{number}, 203.0.113.99"))).Status);
        }
        Assert.Equal([401, 401], statuses.Take(2));
        Assert.Contains(429, statuses.Skip(2));
    }

    /// <summary>Two instances that allow ten requests a minute.</summary>
    public sealed class Pair(ApiFixture fixture) : IAsyncLifetime
    {
        public ApiInstance First { get; private set; } = null!;
        public ApiInstance Second { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            var settings = new Dictionary<string, string> { ["RateLimits:General"] = "10" };
            First = await ApiInstance.StartAsync(fixture, settings);
            Second = await ApiInstance.StartAsync(fixture, settings);
        }

        public async ValueTask DisposeAsync()
        {
            if (First is not null) await First.DisposeAsync();
            if (Second is not null) await Second.DisposeAsync();
        }
    }
}
