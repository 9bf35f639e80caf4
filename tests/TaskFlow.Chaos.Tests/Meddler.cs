using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using TaskFlow.Testing;

namespace TaskFlow.Chaos.Tests;

/// <summary>
/// Stands between a sidecar and Push: a sidecar of its own, with Push's app id and the same components, delivers to it, and it drops, doubles and reorders
/// what it passes on. While Push's own sidecar is stopped, every message comes this way.
/// </summary>
internal sealed class Meddler : IAsyncDisposable
{
    private static readonly string Repository = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "..", ".."));

    private readonly Lock _gate = new();
    private readonly List<(string Route, byte[] Body)> _held = [];
    private readonly HttpClient _push;
    private readonly Random _random;
    private readonly WebApplication _app;
    private Process? _sidecar;

    private Meddler(Uri push, string token, int seed)
    {
        _push = new HttpClient { BaseAddress = push };
        _push.DefaultRequestHeaders.Add("dapr-api-token", token);
        _random = new Random(seed);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{Port}");
        _app = builder.Build();
        _app.MapGet("/alive", () => "");
        _app.MapGet("/dapr/subscribe", async () => Results.Text(await _push.GetStringAsync("/dapr/subscribe"), "application/json"));
        _app.MapPost("/{**route}", MeddleAsync);
    }

    private int Port { get; } = Ports.Free();

    public int Dropped { get; private set; }

    public int Doubled { get; private set; }

    public int Reordered { get; private set; }

    public static async Task<Meddler> StartAsync(TaskFlowSystem system, string token, int seed)
    {
        var meddler = new Meddler(system.PushUrl, token, seed);
        await meddler._app.StartAsync();
        meddler._sidecar = StartSidecar(meddler.Port, token, ConfigurationOptions.Parse(await system.ConnectionStringAsync("redis")));
        return meddler;
    }

    public async ValueTask DisposeAsync()
    {
        if (_sidecar is { } sidecar)
        {
            sidecar.Kill(entireProcessTree: true);
            await sidecar.WaitForExitAsync();
            sidecar.Dispose();
        }
        await _app.DisposeAsync();
        _push.Dispose();
    }

    /// <summary>Drops a quarter, doubles a quarter, passes a quarter on as it is, and holds back a quarter to pass it on later, last first.</summary>
    private async Task<IResult> MeddleAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        var (route, message) = (request.Path.Value!, body.ToArray());
        List<(string Route, byte[] Body)> passed = [];
        lock (_gate)
        {
            switch (_random.Next(4))
            {
                case 0:
                    Dropped++;
                    break;
                case 1:
                    Doubled++;
                    passed = [(route, message), (route, message)];
                    break;
                case 2:
                    _held.Add((route, message));
                    if (_held.Count < 4) break;
                    Reordered += _held.Count;
                    passed = [.. Enumerable.Reverse(_held)];
                    _held.Clear();
                    break;
                default:
                    passed = [(route, message)];
                    break;
            }
        }
        foreach (var item in passed)
        {
            using var content = new ByteArrayContent(item.Body);
            content.Headers.TryAddWithoutValidation("Content-Type", request.ContentType);
            using var answer = await _push.PostAsync(item.Route, content);
            if (!answer.IsSuccessStatusCode) return Results.StatusCode((int)answer.StatusCode);
        }
        return Results.Ok();
    }

    private static Process StartSidecar(int appPort, string token, ConfigurationOptions redis)
    {
        // …/tests/TaskFlow.Chaos.Tests/bin/{configuration}/{framework}/
        var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var program = Path.Combine(Repository, "local", "DaprSidecar", "bin", output.Parent!.Name, output.Name, "TaskFlow.Local.DaprSidecar.dll");
        string[] arguments =
        [
            program, "--app-id", "push", "--app-port", $"{appPort}", "--app-protocol", "http", "--resources-path", Path.Combine(Repository, "components"),
            "--dapr-http-port", $"{Ports.Free()}", "--dapr-grpc-port", $"{Ports.Free()}", "--metrics-port", $"{Ports.Free()}",
        ];
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["REDIS_HOST"] = redis.EndPoints[0] is System.Net.DnsEndPoint name ? $"{name.Host}:{name.Port}" : redis.EndPoints[0].ToString();
        start.Environment["REDIS_PASSWORD"] = redis.Password ?? "";
        start.Environment["REDIS_TLS"] = "false";
        start.Environment["APP_API_TOKEN"] = token;
        start.Environment.Remove("OTEL_EXPORTER_OTLP_ENDPOINT");
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }
}
