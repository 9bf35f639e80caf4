using Aspire.Hosting;
using Aspire.Hosting.Testing;

namespace TaskFlow.Testing;

/// <summary>
/// The whole system, started by the AppHost on ports and in a data folder of its own, so that test runs go on beside each other and beside a system that
/// somebody uses. The web app and the dashboard's pages are left out unless asked for: <c>--Web:Enabled=true</c>, <c>--Dashboard:Enabled=true</c>.
/// </summary>
public sealed class TaskFlowSystem : IAsyncDisposable
{
    private readonly IDistributedApplicationTestingBuilder _builder;
    private readonly DistributedApplication _app;
    private readonly HttpClient _dashboard;

    private TaskFlowSystem(IDistributedApplicationTestingBuilder builder, DistributedApplication app)
    {
        (_builder, _app) = (builder, app);
        ApiUrl = app.GetEndpoint("api");
        PushUrl = app.GetEndpoint("push");
        DashboardUrl = app.GetEndpoint("dashboard");
        _dashboard = new HttpClient { BaseAddress = DashboardUrl };
        Resources = new Resources(_dashboard);
    }

    public Uri ApiUrl { get; }

    /// <summary>The shared address of all Push replicas.</summary>
    public Uri PushUrl { get; }

    public Uri DashboardUrl { get; }

    /// <summary>The web app, where it was asked for.</summary>
    public Uri WebUrl => _app.GetEndpoint("web");

    /// <summary>Where the dashboard takes telemetry over HTTP, where it was asked for.</summary>
    public Uri OtlpUrl => _app.GetEndpoint("dashboard", "OtlpHttp");

    public Resources Resources { get; }

    /// <summary>Starts everything and returns when it is healthy.</summary>
    /// <param name="args">AppHost configuration, such as <c>--Push:Replicas=2</c>.</param>
    public static async Task<TaskFlowSystem> StartAsync(params string[] args)
    {
        using var deadline = new CancellationTokenSource(Deadline.SystemStart);
        string[] defaults = ["--Web:Enabled=false", "--Dashboard:Enabled=false"];
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.TaskFlow_AppHost>([.. defaults, .. args], deadline.Token);
        try
        {
            var app = await builder.BuildAsync(deadline.Token);
            await app.StartAsync(deadline.Token);
            foreach (var name in (string[])["api", "push", "api-dapr", "push-dapr"]) await app.ResourceNotifications.WaitForResourceHealthyAsync(name, deadline.Token);
            return new TaskFlowSystem(builder, app);
        }
        catch
        {
            await builder.DisposeAsync();
            throw;
        }
    }

    /// <summary>Somebody new, with an e-mail address of their own.</summary>
    public Task<TestUser> RegisterAsync(string name = "Ada Example") => TestUser.RegisterAsync(CreateApiClient(), name);

    /// <summary>A client for the Api without credentials.</summary>
    public HttpClient CreateApiClient() => new() { BaseAddress = ApiUrl, Timeout = TimeSpan.FromSeconds(60) };

    /// <summary>Opens a real-time connection with a fresh realtime token.</summary>
    public async Task<RealtimeConnection> ConnectAsync(TestUser user, Guid workspace, Transport transport, long? after = null, Uri? push = null)
    {
        var token = await user.RealtimeTokenAsync(workspace);
        var query = after is { } seq ? $"after={seq}" : "";
        return transport switch
        {
            Transport.WebSocket => await WebSocketConnection.OpenAsync(push ?? PushUrl, workspace, token, query),
            Transport.Sse => await SseConnection.OpenAsync(push ?? PushUrl, workspace, token, query),
            _ => await PollConnection.OpenAsync(push ?? PushUrl, workspace, user.AccessToken, after),
        };
    }

    /// <summary>The connection string of <c>taskflow</c> (the database) or <c>redis</c>.</summary>
    public async Task<string> ConnectionStringAsync(string name) =>
        await _app.GetConnectionStringAsync(name) ?? throw new InvalidOperationException($"no connection string '{name}'");

    public async ValueTask DisposeAsync()
    {
        _dashboard.Dispose();
        await _app.DisposeAsync();
        await _builder.DisposeAsync();
    }
}
