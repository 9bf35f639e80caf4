using System.Text.Json.Nodes;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;

namespace TaskFlow.Local.Tests.Hosting;

/// <summary>A small system: one resource <c>echo</c> with some replicas, without database, Redis and dashboard, so that it starts in a moment.</summary>
internal sealed class EchoApplication : IAsyncDisposable
{
    private readonly DistributedApplication _application;

    private EchoApplication(DistributedApplication application)
    {
        _application = application;
        Client = application.CreateHttpClient("echo");
        Resources = application.CreateHttpClient("dashboard");
    }

    /// <summary>For the resource's own address.</summary>
    public HttpClient Client { get; }

    /// <summary>For the list of resources.</summary>
    public HttpClient Resources { get; }

    public Uri Address => _application.GetEndpoint("echo");

    public static async Task<EchoApplication> StartAsync(int replicas, Action<IDistributedApplicationBuilder>? configure = null, bool waitUntilHealthy = true)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var interception = new AppHostInterception(typeof(Projects.TaskFlow_AppHost).Assembly);
        var builder = new DistributedApplicationBuilder(new DistributedApplicationOptions { Args = ["--Dashboard:Enabled=false"] }, interception);
        builder.AddProject<Echo>("echo").WithReplicas(replicas).WithHttpHealthCheck("/alive");
        configure?.Invoke(builder);
        interception.AllowBuild();
        var application = builder.Build();
        try
        {
            await application.StartAsync(deadline.Token);
            if (waitUntilHealthy) await application.ResourceNotifications.WaitForResourceHealthyAsync("echo", deadline.Token);
            return new EchoApplication(application);
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }
    }

    public Task HealthyAsync() => WaitAsync("every replica is healthy", all => all.All(replica => (string?)replica!["health"] == "Healthy"));

    public async Task<JsonArray> ListAsync() => JsonNode.Parse(await Resources.GetStringAsync("/api/resources", TestContext.Current.CancellationToken))!.AsArray();

    public async Task<int> PidAsync(int replica) => (int)(await ListAsync()).Single(one => (int)one!["replica"]! == replica && (string?)one["name"] == "echo")!["pid"]!;

    public async Task WaitAsync(string what, Func<JsonArray, bool> condition)
    {
        var deadline = DateTime.UtcNow.AddSeconds(60);
        JsonArray last;
        do
        {
            last = await ListAsync();
            if (condition(last)) return;
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
        while (DateTime.UtcNow < deadline);
        Assert.Fail($"Waited 60 s until {what}: {last.ToJsonString()}");
    }

    /// <summary>Stops everything. The exit code of each process.</summary>
    public async Task<int?[]> StopAsync()
    {
        await _application.StopAsync(TestContext.Current.CancellationToken);
        return [.. _application.Orchestrator.Replicas.Select(replica => replica.ExitCode)];
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        Resources.Dispose();
        await _application.DisposeAsync();
    }

    private sealed class Echo : IProjectMetadata
    {
        public string ProjectPath => Path.GetFullPath(Path.Combine(Projects.TaskFlow_AppHost.ProjectPath, "../tests/TaskFlow.Local.Echo/TaskFlow.Local.Echo.csproj"));
    }
}
