using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using TaskFlow.Testing;

namespace TaskFlow.Local.Tests.Dashboard;

/// <summary>The real dashboard, run from its build output as the AppHost runs it, on ports and in a folder of its own.</summary>
public sealed class DashboardProcess : IAsyncDisposable
{
    /// <summary>It starts in a second or two; on a machine that builds and tests everything at once it may have to wait its turn.</summary>
    private static readonly TimeSpan StartDeadline = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("taskflow-dashboard-").FullName;

    private DashboardProcess(int firstPort, IReadOnlyDictionary<string, string> settings)
    {
        (Url, Grpc, Http) = (new($"http://localhost:{firstPort}"), new($"http://localhost:{firstPort + 1}"), new($"http://localhost:{firstPort + 2}"));
        var start = new ProcessStartInfo("dotnet", [Assembly()]) { WorkingDirectory = _folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in start.Environment.Keys
            .Where(name => name.StartsWith("OTEL_", StringComparison.Ordinal) || name.StartsWith("ASPNETCORE_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }
        start.Environment["Dashboard__Url"] = Url.OriginalString;
        start.Environment["Dashboard__OtlpGrpcUrl"] = Grpc.OriginalString;
        start.Environment["Dashboard__OtlpHttpUrl"] = Http.OriginalString;
        foreach (var (name, value) in settings) start.Environment[name] = value;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        Client = new HttpClient { BaseAddress = Url, Timeout = Deadline.Default };
        Otlp = new HttpClient { BaseAddress = Http, Timeout = Deadline.Default };
    }

    public Uri Url { get; }

    public Uri Grpc { get; }

    public Uri Http { get; }

    /// <summary>Asks the pages and the API.</summary>
    public HttpClient Client { get; }

    /// <summary>Sends OTLP over HTTP.</summary>
    public HttpClient Otlp { get; }

    public bool HasExited => _process.HasExited;

    public int? ExitCode => _process.HasExited ? _process.ExitCode : null;

    public string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    public long WorkingSet
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    public static async Task<DashboardProcess> StartAsync(params (string Name, string Value)[] settings)
    {
        for (var attempt = 1; ; attempt++)
        {
            var dashboard = Launch(settings);
            try
            {
                await Deadline.UntilAsync("the dashboard is alive",
                    async () => dashboard.HasExited || (await dashboard.Client.GetAsync("/alive")).IsSuccessStatusCode, StartDeadline);
                if (!dashboard.HasExited) return dashboard;
                // Somebody else took one of the ports between drawing it and listening on it.
                if (attempt == 3) throw new InvalidOperationException($"The dashboard ended with {dashboard.ExitCode}: {dashboard.Output}");
                await dashboard.DisposeAsync();
            }
            catch
            {
                await dashboard.DisposeAsync();
                throw;
            }
        }
    }

    /// <summary>Starts it and does not wait.</summary>
    public static DashboardProcess Launch(params (string Name, string Value)[] settings) =>
        new(FreePorts(3), settings.ToDictionary(setting => setting.Name, setting => setting.Value));

    public async Task<JsonNode> GetJsonAsync(string path)
    {
        using var response = await Client.GetAsync(path);
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{path}: {(int)response.StatusCode} {body}");
        return JsonNode.Parse(body)!;
    }

    public Task<JsonNode> HealthAsync() => GetJsonAsync("/health");

    public Task<HttpResponseMessage> PostAsync(string signal, string body, string type = "application/json") =>
        Otlp.PostAsync($"/v1/{signal}", new StringContent(body, Encoding.UTF8, type));

    public async Task WaitForExitAsync()
    {
        using var timeout = new CancellationTokenSource(Deadline.Default);
        await _process.WaitForExitAsync(timeout.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        Client.Dispose();
        Otlp.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>The first of some neighbouring ports that are free now, below those that the system hands out by itself.</summary>
    public static int FreePorts(int count)
    {
        while (true)
        {
            var first = Random.Shared.Next(21_000, 32_000);
            if (Enumerable.Range(first, count).All(IsFree)) return first;
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string Assembly()
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        var configuration = output.Parent!.Name;
        var root = output;
        while (!File.Exists(Path.Combine(root.FullName, "TaskFlow.sln")))
            root = root.Parent ?? throw new InvalidOperationException("The tests run outside the repository.");
        return Path.Combine(root.FullName, "local", "Dashboard", "bin", configuration, output.Name, "TaskFlow.Local.Dashboard.dll");
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_output) _output.AppendLine(line.Data);
    }
}

/// <summary>One dashboard for the tests of a class that do not disturb each other.</summary>
public sealed class DashboardFixture : IAsyncLifetime
{
    public DashboardProcess Dashboard { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Dashboard = await DashboardProcess.StartAsync();

    public ValueTask DisposeAsync() => Dashboard.DisposeAsync();
}
