using System.Diagnostics;
using System.Net.Http.Headers;
using TaskFlow.Testing;

namespace TaskFlow.Api.Tests;

/// <summary>
/// A process of the API beside the running system, with settings of its own, on the system's database and Redis unless told otherwise: for low limits,
/// for a second instance, for dependencies that are away.
/// </summary>
public sealed class ApiInstance : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Queue<string> _output = new();

    private ApiInstance(Process process, Uri url)
    {
        (_process, Url) = (process, url);
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public Uri Url { get; }

    /// <summary>Starts it and waits until it is ready, or only until it is alive where it cannot become ready.</summary>
    public static async Task<ApiInstance> StartAsync(ApiFixture fixture, IReadOnlyDictionary<string, string>? settings = null, bool untilReady = true)
    {
        for (var attempt = 1; ; attempt++)
        {
            var instance = Start(fixture, settings ?? new Dictionary<string, string>());
            using var http = instance.CreateClient();
            try
            {
                await Deadline.UntilAsync("the instance answers", async () =>
                {
                    if (instance._process.HasExited) throw new InvalidOperationException(instance.Output);
                    return (await http.GetJsonAsync(untilReady ? "/health" : "/alive")).Status == 200;
                }, TimeSpan.FromSeconds(90));
                return instance;
            }
            catch (InvalidOperationException) when (attempt < 3 && instance.Output.Contains("address already in use", StringComparison.OrdinalIgnoreCase))
            {
                await instance.DisposeAsync(); // somebody was faster: another port
            }
            catch
            {
                await instance.DisposeAsync();
                throw;
            }
        }
    }

    public string Output
    {
        get { lock (_output) return string.Join('\n', _output); }
    }

    public HttpClient CreateClient(string? accessToken = null)
    {
        var http = new HttpClient { BaseAddress = Url, Timeout = TimeSpan.FromSeconds(60) };
        if (accessToken is not null) http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        return http;
    }

    /// <summary>Asks it to stop, as an orchestrator does, and waits until it has.</summary>
    public async Task StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        using var deadline = new CancellationTokenSource(Deadline.Default);
        await _process.WaitForExitAsync(deadline.Token);
    }

    /// <summary>Kills it (-9) where it still runs.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static ApiInstance Start(ApiFixture fixture, IReadOnlyDictionary<string, string> settings)
    {
        var url = new Uri($"http://127.0.0.1:{Ports.Free()}");
        var assembly = AssemblyPath();
        var start = new ProcessStartInfo("dotnet", [assembly])
        {
            WorkingDirectory = Path.GetDirectoryName(assembly)!,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["ASPNETCORE_ENVIRONMENT"] = "Production",
                ["ASPNETCORE_URLS"] = url.ToString(),
                ["ConnectionStrings__taskflow"] = fixture.DatabaseConnection,
                ["ConnectionStrings__redis"] = fixture.RedisConnection,
                ["KeyEncryptionSecret"] = "the-secret-of-another-installation",
                ["ServiceKey"] = "a-service-key-for-this-test-only",
                ["PublicUrls__Push"] = "http://push.example.org",
                ["PublicUrls__Web"] = "http://web.example.org",
                ["RateLimits__Login"] = "600",
                ["RateLimits__Register"] = "600",
            },
        };
        foreach (var (name, value) in settings) start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        return new ApiInstance(Process.Start(start)!, url);
    }

    /// <summary>The API as built beside this test, in the same configuration.</summary>
    private static string AssemblyPath()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        var configuration = here.Parent!.Name;
        var root = here;
        while (!File.Exists(Path.Combine(root.FullName, "TaskFlow.sln"))) root = root.Parent ?? throw new InvalidOperationException("not inside the repository");
        return Path.Combine(root.FullName, "TaskFlow.Api", "bin", configuration, here.Name, "TaskFlow.Api.dll");
    }

    private void Keep(string? line)
    {
        if (line is null) return;
        lock (_output)
        {
            _output.Enqueue(line);
            if (_output.Count > 200) _output.Dequeue();
        }
    }
}
