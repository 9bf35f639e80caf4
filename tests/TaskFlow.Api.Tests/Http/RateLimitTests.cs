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
    public async Task Of_a_large_limit_instances_take_portions_and_still_count_every_request()
    {
        var settings = new Dictionary<string, string> { ["RateLimits:General"] = "400" };
        await using var first = await ApiInstance.StartAsync(fixture, settings);
        await using var second = await ApiInstance.StartAsync(fixture, settings);
        using var user = await fixture.RegisterAsync();
        using var here = first.CreateClient(user.AccessToken);
        using var there = second.CreateClient(user.AccessToken);

        var remaining = new List<int>();
        for (var number = 0; number < 10; number++) remaining.Add(Remaining((await here.GetJsonAsync("/api/auth/me")).Expect(200)));
        // One less each time, over two borders between portions of four; a window that moves on meanwhile may give one back.
        Assert.Equal(399, remaining[0]);
        Assert.InRange(remaining[^1], 390, 391);
        // What the other instance has taken but not used counts here: never too much is given out.
        Assert.InRange(Remaining((await there.GetJsonAsync("/api/auth/me")).Expect(200)), 386, 389);

        var answers = await Task.WhenAll(Enumerable.Range(0, 500).Select(number => (number % 2 == 0 ? here : there).GetJsonAsync("/api/auth/me")));
        Assert.InRange(answers.Count(answer => answer.Status == 200), 380, 480);
        Assert.Contains(answers, answer => answer.Status == 429);
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

    private static int Remaining(ApiResponse answer) =>
        int.Parse(System.Text.RegularExpressions.Regex.Match(answer.Headers.GetValues("RateLimit").Single(), ";r=([0-9]+);").Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);

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
