using System.Net;
using Dapr.Client;

namespace TaskFlow.Local.Tests.DaprSidecar.Support;

/// <summary>The sidecar as a process, started with daprd's flags.</summary>
internal sealed class SidecarProcess : IAsyncDisposable
{
    private SidecarProcess(ChildProcess process, int httpPort, int grpcPort)
    {
        Process = process;
        HttpPort = httpPort;
        GrpcPort = grpcPort;
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{httpPort}") };
    }

    public ChildProcess Process { get; }

    public int HttpPort { get; }

    public int GrpcPort { get; }

    public HttpClient Http { get; }

    public static async Task<SidecarProcess> StartAsync(
        string appId, string components, string redis, SubscriberApp? app = null, string[]? flags = null, Dictionary<string, string>? environment = null, int? httpPort = null)
    {
        var (http, grpc) = (httpPort ?? Programs.FreePort(), Programs.FreePort());
        List<string> arguments =
        [
            Programs.Sidecar, "--app-id", appId, "--dapr-http-port", $"{http}", "--dapr-grpc-port", $"{grpc}", "--resources-path", components,
            .. app is null ? [] : new[] { "--app-port", $"{app.Port}" }, .. flags ?? [],
        ];
        var variables = new Dictionary<string, string>(environment ?? []) { ["REDIS_HOST"] = redis, ["REDIS_PASSWORD"] = RedisProcess.Password, ["REDIS_TLS"] = "false" };
        var sidecar = new SidecarProcess(new ChildProcess("dotnet", arguments, variables), http, grpc);
        await sidecar.UntilHealthyAsync("/v1.0/healthz/outbound");
        return sidecar;
    }

    /// <summary>Runs it to its end, for starts that must fail.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string[] arguments, Dictionary<string, string>? environment = null)
    {
        await using var process = new ChildProcess("dotnet", [Programs.Sidecar, .. arguments], environment ?? []);
        var exitCode = await process.ExitAsync();
        return (exitCode, process.Output.Trim());
    }

    /// <summary>Until it delivers to the app.</summary>
    public Task UntilReadyAsync() => UntilHealthyAsync("/v1.0/healthz");

    public DaprClient Client(string? apiToken = null)
    {
        var builder = new DaprClientBuilder().UseHttpEndpoint($"http://127.0.0.1:{HttpPort}").UseGrpcEndpoint($"http://127.0.0.1:{GrpcPort}");
        return (apiToken is null ? builder : builder.UseDaprApiToken(apiToken)).Build();
    }

    public async Task<HttpResponseMessage> PublishAsync(string topic, HttpContent content, string query = "", string pubSub = "pubsub")
    {
        return await Http.PostAsync($"/v1.0/publish/{pubSub}/{topic}{query}", content, Wait.Deadline());
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Process.DisposeAsync();
    }

    private Task UntilHealthyAsync(string path) => Wait.UntilAsync(async () =>
    {
        if (Process.HasExited) throw new InvalidOperationException($"the sidecar ended with {Process.ExitCode}: {Process.Output}");
        try
        {
            using var answer = await Http.GetAsync(path, Wait.Deadline());
            return answer.StatusCode == HttpStatusCode.NoContent;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }, $"{path} of the sidecar is 204; it printed: {Process.Output}");
}
