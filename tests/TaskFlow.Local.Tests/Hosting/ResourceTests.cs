using System.Net;
using System.Text.Json.Nodes;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Engine;

namespace TaskFlow.Local.Tests.Hosting;

/// <summary>One process, its states, and the API over them.</summary>
public sealed class ResourceTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_single_replica_is_bound_to_the_address_itself_and_described_in_full()
    {
        await using var echo = await EchoApplication.StartAsync(replicas: 1);
        var described = Assert.Single(await echo.ListAsync())!;
        Assert.Equal(("echo", 0, "Project", "Running", "Healthy"),
            ((string)described["name"]!, (int)described["replica"]!, (string)described["type"]!, (string)described["state"]!, (string)described["health"]!));
        Assert.Equal($"http://localhost:{echo.Address.Port}", (string?)described["endpoints"]![0]);
        Assert.Equal($"{(int)described["pid"]!}", await echo.Client.GetStringAsync("/pid", Cancellation));
        Assert.Null(described["exitCode"]);
        Assert.True((long)described["memoryBytes"]! > 0);
    }

    [Fact]
    public async Task A_killed_process_can_be_started_at_once_although_nobody_has_noticed_its_end()
    {
        await using var echo = await EchoApplication.StartAsync(replicas: 1);
        var pid = await echo.PidAsync(0);
        Signals.Send(pid, Signals.Kill);
        while (IsAlive(pid)) await Task.Yield();
        using var started = await echo.Resources.PostAsync("/api/resources/echo/start", null, Cancellation);
        Assert.Equal(HttpStatusCode.OK, started.StatusCode);
        await echo.HealthyAsync();
        Assert.NotEqual(pid, await echo.PidAsync(0));
    }

    [Fact]
    public async Task Stop_start_and_restart_do_what_they_say_and_are_harmless_when_repeated()
    {
        await using var echo = await EchoApplication.StartAsync(replicas: 1);
        var first = await echo.PidAsync(0);
        await PostAsync(echo, "stop");
        await PostAsync(echo, "stop");
        var stopped = Assert.Single(await echo.ListAsync())!;
        Assert.Equal(("Exited", 0), ((string)stopped["state"]!, (int)stopped["exitCode"]!));
        Assert.Null(stopped["pid"]);
        Assert.False(IsAlive(first));

        await PostAsync(echo, "start");
        await PostAsync(echo, "start");
        await echo.HealthyAsync();
        var second = await echo.PidAsync(0);
        await PostAsync(echo, "restart");
        await echo.HealthyAsync();
        Assert.NotEqual(second, await echo.PidAsync(0));
    }

    [Fact]
    public async Task Unknown_resources_replicas_and_actions_are_404_and_foreign_pages_are_refused()
    {
        await using var echo = await EchoApplication.StartAsync(replicas: 1);
        foreach (var path in new[] { "nobody/stop", "echo/7/stop", "echo/0/explode" })
        {
            using var response = await echo.Resources.PostAsync($"/api/resources/{path}", null, Cancellation);
            Assert.Equal((path, HttpStatusCode.NotFound), (path, response.StatusCode));
        }
        using var foreign = new HttpRequestMessage(HttpMethod.Post, "/api/resources/echo/stop") { Headers = { { "Origin", "http://evil.example" } } };
        using var refused = await echo.Resources.SendAsync(foreign, Cancellation);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains("<h1>Resources</h1>", await echo.Resources.GetStringAsync("/", Cancellation));
    }

    [Fact]
    public async Task Logs_can_be_read_on_from_a_line_and_secrets_are_masked()
    {
        await using var echo = await EchoApplication.StartAsync(replicas: 1, builder =>
        {
            var secret = builder.AddParameter("secret", new GenerateParameterDefault { MinLength = 30 }, secret: true, persist: true);
            Project(builder).WithEnvironment("SECRET", secret).WithEnvironment("OPEN", "sesame");
        });
        await echo.WaitAsync("it has logged something", _ => true);
        var all = await LinesAsync(echo, 0);
        Assert.Contains(all, line => ((string)line!["text"]!).Contains("Application started", StringComparison.Ordinal));
        Assert.Equal(2, (int)(await LinesAsync(echo, 1))[0]!["n"]!);

        var environment = JsonNode.Parse(await echo.Resources.GetStringAsync("/api/resources/echo/0/environment", Cancellation))!;
        Assert.Equal(("sesame", "********"), ((string)environment["OPEN"]!, (string)environment["SECRET"]!));
        Assert.Equal(30, (await echo.Client.GetStringAsync("/environment/SECRET", Cancellation)).Length);
    }

    [Fact]
    public async Task A_missing_web_app_fails_alone()
    {
        await using var echo = await EchoApplication.StartAsync(replicas: 1, builder => builder.AddViteApp("web", "../no-such-folder"));
        await echo.WaitAsync("the web app has failed", all => all.Any(one => (string?)one!["name"] == "web" && (string?)one["state"] == "FailedToStart"));
        Assert.Equal("alive", await echo.Client.GetStringAsync("/alive", Cancellation));
    }

    [Fact]
    public async Task A_service_has_the_time_it_needs_to_drain_when_everything_stops()
    {
        // As long as Push with an open tab: five seconds until the last connection is closed, and the closes themselves.
        await using var echo = await EchoApplication.StartAsync(replicas: 1, builder => Project(builder).WithEnvironment("DrainSeconds", "6"));
        Assert.Equal([0], await echo.StopAsync());
    }

    private static IResourceBuilder<ProjectResource> Project(IDistributedApplicationBuilder builder) =>
        builder.CreateResourceBuilder((ProjectResource)builder.Resources.Single(resource => resource.Name == "echo"));

    private static bool IsAlive(int pid) => Signals.Send(pid, 0) == 0;

    private static async Task<JsonArray> LinesAsync(EchoApplication echo, int after)
    {
        var page = await echo.Resources.GetStringAsync($"/api/resources/echo/0/logs?after={after}", Cancellation);
        return JsonNode.Parse(page)!["lines"]!.AsArray();
    }

    private static async Task PostAsync(EchoApplication echo, string action)
    {
        using var response = await echo.Resources.PostAsync($"/api/resources/echo/{action}", null, Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }
}
