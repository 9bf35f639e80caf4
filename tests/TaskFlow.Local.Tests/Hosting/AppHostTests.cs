using System.Net;
using System.Net.Sockets;
using Aspire.Hosting.Engine;

namespace TaskFlow.Local.Tests.Hosting;

/// <summary>The real AppHost with the real database: how it starts, what it hands over, and that it leaves nothing behind.</summary>
public sealed class AppHostTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_starts_hands_over_Aspires_variables_refuses_a_second_one_and_stops_on_SIGTERM()
    {
        await using var appHost = AppHostProcess.Start();
        var output = await appHost.HealthyAsync();
        Assert.Contains("engine: Local", output.Split('\n')[0], StringComparison.Ordinal);
        Assert.Contains($"http://localhost:{appHost.ApiPort}", output, StringComparison.Ordinal);
        var pids = await appHost.PidsAsync();
        Assert.Equal(["api", "api-dapr", "postgres", "push", "push-dapr", "redis"], pids.Keys.Order());
        if (OperatingSystem.IsLinux()) AssertEnvironment(Environment(pids["api"]), Environment(pids["push"]), Environment(pids["api-dapr"]), appHost);

        await using (var second = AppHostProcess.StartOn(appHost.DataFolder))
        {
            Assert.Equal(1, await second.ExitCodeAsync());
            Assert.Contains($"apphost: Another AppHost (process {appHost.Id}) uses the data folder {appHost.DataFolder}.", second.Output, StringComparison.Ordinal);
        }

        Signals.Send(appHost.Id, Signals.Terminate);
        var asked = DateTime.UtcNow;
        Assert.Equal(0, await appHost.ExitCodeAsync());
        await appHost.NothingRunsAsync(pids.Values);
        Assert.Contains("stopping: SIGTERM", appHost.Output, StringComparison.Ordinal);
        Assert.Contains("database system is shut down", appHost.Output, StringComparison.Ordinal);
        Assert.True(DateTime.UtcNow - asked < TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task Killed_with_9_it_leaves_no_process_and_the_next_one_finds_its_data()
    {
        Dictionary<string, int> pids;
        await using var killed = AppHostProcess.Start();
        await killed.HealthyAsync();
        pids = await killed.PidsAsync();
        Signals.Send(killed.Id, Signals.Kill);
        await killed.ExitCodeAsync();

        // The next one may come while the last processes are still ending.
        await using var next = AppHostProcess.StartOn(killed.DataFolder);
        await next.HealthyAsync();
        await killed.NothingRunsAsync(pids.Values);
        Assert.DoesNotContain("creating the database", next.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_the_dotnet_run_above_it_is_killed_it_stops()
    {
        await using var run = AppHostProcess.StartByDotnetRun();
        await run.HealthyAsync();
        var pids = await run.PidsAsync();
        Signals.Send(run.Id, Signals.Kill);
        await run.NothingRunsAsync(pids.Values);
    }

    [Theory]
    [InlineData("--Push:Replicas=abc", "Failed to convert configuration value 'abc' at 'Push:Replicas'")]
    [InlineData("--Push:Replicas=0", "'push' needs at least one replica, not 0.")]
    [InlineData("--Ports:Web=99999", "Ports:Web is 99999: a port is a number between 1 and 65535.", "--Web:Enabled=true")]
    [InlineData("--Web:Enabled=perhaps", "Failed to convert configuration value 'perhaps' at 'Web:Enabled'")]
    [InlineData("--Local:Postgres=mysql", "Local:Postgres is 'mysql'")]
    [InlineData("--Local:Redis=memcached", "Local:Redis is 'memcached'")]
    [InlineData("--Local:Dapr=envoy", "Local:Dapr is 'envoy'")]
    [InlineData("--Local:DataFolder=/proc/nowhere", "The data folder /proc/nowhere cannot be used")]
    public async Task A_wrong_setting_ends_the_start_with_one_sentence(string setting, string sentence, string? alsoNeeded = null)
    {
        await using var appHost = AppHostProcess.Start([setting, .. alsoNeeded is null ? [] : (string[])[alsoNeeded]]);
        Assert.Equal(1, await appHost.ExitCodeAsync());
        Assert.Contains($"apphost: {sentence}", appHost.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", appHost.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_taken_port_is_named_with_its_holder()
    {
        using var holder = new TcpListener(IPAddress.Loopback, 0);
        holder.Start();
        var port = ((IPEndPoint)holder.LocalEndpoint).Port;
        await using var appHost = AppHostProcess.Start($"--Ports:Push={port}");
        Assert.Equal(1, await appHost.ExitCodeAsync());
        Assert.Contains($"apphost: Port {port} is taken by process {System.Environment.ProcessId} (", appHost.Output, StringComparison.Ordinal);
        Assert.Contains("--Ports:Push=", appHost.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_output_that_takes_nothing_changes_nothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/dev/full is Linux's.");
        await using var appHost = AppHostProcess.StartWithOutputTo("/dev/full", "--Push:Replicas=0");
        Assert.Equal(1, await appHost.ExitCodeAsync());
        Assert.Contains("apphost: 'push' needs at least one replica", appHost.Output, StringComparison.Ordinal);
    }

    private static void AssertEnvironment(Dictionary<string, string> api, Dictionary<string, string> push, Dictionary<string, string> sidecar, AppHostProcess appHost)
    {
        Assert.Matches(@"^Host=[\w.]+;Port=\d+;Username=postgres;Password=\w+;Database=taskflow$", api["ConnectionStrings__taskflow"]);
        Assert.Matches(@"^[\w.]+:\d+,password=\w+$", api["ConnectionStrings__redis"]);
        Assert.Equal($"http://localhost:{appHost.ApiPort}", api["ASPNETCORE_URLS"]);
        Assert.Equal("Development", api["ASPNETCORE_ENVIRONMENT"]);
        Assert.Equal("600", api["RateLimits__Login"]);
        Assert.StartsWith("http://localhost:", api["PublicUrls__Push"], StringComparison.Ordinal);
        Assert.Equal(api["PublicUrls__Push"], push["ASPNETCORE_URLS"]);
        Assert.Equal($"http://localhost:{appHost.ApiPort}", push["services__api__http__0"]);
        Assert.Equal(push["services__api__http__0"], push["API_HTTP"]);
        Assert.Equal(api["ServiceKey"], push["ServiceKey"]);
        Assert.Equal(32, api["KeyEncryptionSecret"].Length);
        Assert.DoesNotContain("KeyEncryptionSecret", push.Keys);
        Assert.DoesNotContain("ConnectionStrings__taskflow", push.Keys);
        Assert.NotEqual(api["DAPR_HTTP_ENDPOINT"], push["DAPR_HTTP_ENDPOINT"]);
        Assert.EndsWith(api["DAPR_GRPC_PORT"], api["DAPR_GRPC_ENDPOINT"], StringComparison.Ordinal);
        Assert.Equal("api", api["OTEL_SERVICE_NAME"]);
        foreach (var name in new[] { "DAPR_API_TOKEN", "APP_API_TOKEN" }) Assert.Equal(api[name], sidecar[name]);
        Assert.Matches(@"^[\w.]+:\d+$", sidecar["REDIS_HOST"]);
    }

    private static Dictionary<string, string> Environment(int pid) => File.ReadAllText($"/proc/{pid}/environ").Split('\0', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
}
