using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Aspire.Hosting.Engine;

namespace TaskFlow.Local.Tests.Hosting;

/// <summary>The AppHost as people start it: a process of its own, with a data folder and ports of its own.</summary>
internal sealed class AppHostProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly Ports _ports = new();
    private readonly bool _ownsDataFolder;

    private AppHostProcess(string[] command, string? dataFolder, string[] arguments)
    {
        _ownsDataFolder = dataFolder is null;
        DataFolder = dataFolder ?? Path.Combine(Path.GetTempPath(), $"taskflow-{Guid.NewGuid():N}");
        ApiPort = _ports.Draw();
        DashboardPort = _ports.Draw();
        string[] settings = [$"--Local:DataFolder={DataFolder}", $"--Ports:Api={ApiPort}", $"--Ports:Push={_ports.Draw()}", $"--Ports:Dashboard={DashboardPort}",
            "--Dashboard:Enabled=false", "--Web:Enabled=false", .. arguments];
        var info = new ProcessStartInfo(command[0], [.. command[1..], .. settings]) { RedirectStandardOutput = true, RedirectStandardError = true };
        _process = new Process { StartInfo = info };
        _process.OutputDataReceived += (_, e) => Append(e.Data);
        _process.ErrorDataReceived += (_, e) => Append(e.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string DataFolder { get; }
    public int ApiPort { get; }
    public int DashboardPort { get; }
    public int Id => _process.Id;

    public string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    private static string Assembly => Path.Combine(Projects.TaskFlow_AppHost.ProjectPath,
        Path.GetRelativePath(Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../..")), AppContext.BaseDirectory), "TaskFlow.AppHost.dll");

    public static AppHostProcess Start(params string[] arguments) => new(["dotnet", "exec", Assembly], null, arguments);

    public static AppHostProcess StartOn(string dataFolder, params string[] arguments) => new(["dotnet", "exec", Assembly], dataFolder, arguments);

    /// <summary>With its standard output going to a file, as in a shell.</summary>
    public static AppHostProcess StartWithOutputTo(string file, params string[] arguments) =>
        new(["/bin/sh", "-c", $"exec \"$0\" \"$@\" >{file}", "dotnet", "exec", Assembly], null, arguments);

    /// <summary>By <c>dotnet run</c>, which puts a process above the AppHost.</summary>
    public static AppHostProcess StartByDotnetRun() => new(["dotnet", "run", "--no-build", "--project", Projects.TaskFlow_AppHost.ProjectPath,
        "--configuration", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "--"], null, []);

    public async Task<string> HealthyAsync()
    {
        await UntilAsync("all is healthy", () => Output.Contains("all is healthy after", StringComparison.Ordinal));
        return Output;
    }

    public async Task<int> ExitCodeAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await _process.WaitForExitAsync(deadline.Token);
        return _process.ExitCode;
    }

    public async Task<JsonArray> ResourcesAsync()
    {
        using var client = new HttpClient();
        return JsonNode.Parse(await client.GetStringAsync($"http://localhost:{DashboardPort}/api/resources", TestContext.Current.CancellationToken))!.AsArray();
    }

    public async Task<Dictionary<string, int>> PidsAsync() =>
        (await ResourcesAsync()).Where(one => one!["pid"] is not null).ToDictionary(one => (string)one!["name"]!, one => (int)one!["pid"]!);

    public async Task NothingRunsAsync(IEnumerable<int> pids)
    {
        var all = pids.ToList();
        await UntilAsync($"none of the processes {string.Join(", ", all)} runs", () => !all.Exists(IsRunning));
    }

    /// <summary>A zombie, whose parent has not asked for it, does not run.</summary>
    public static bool IsRunning(int pid)
    {
        if (Signals.Send(pid, 0) != 0) return false;
        try
        {
            var stat = $"/proc/{pid}/stat";
            return !OperatingSystem.IsLinux() || File.ReadAllText(stat).Split(") ")[^1][0] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Signals.Send(_process.Id, Signals.Terminate);
            await ExitCodeAsync();
        }
        _process.Dispose();
        _ports.Dispose();
        if (_ownsDataFolder && Directory.Exists(DataFolder)) Directory.Delete(DataFolder, recursive: true);
    }

    public async Task UntilAsync(string what, Func<bool> condition)
    {
        var deadline = DateTime.UtcNow.AddMinutes(2);
        while (!condition())
        {
            if (DateTime.UtcNow > deadline) Assert.Fail($"Waited 2 minutes until {what}.\n{Output}");
            if (_process.HasExited && !condition() && what.Contains("healthy", StringComparison.Ordinal)) Assert.Fail($"The AppHost ended with {_process.ExitCode} before {what}.\n{Output}");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    private void Append(string? line)
    {
        if (line is null) return;
        lock (_output) _output.AppendLine(line);
    }
}
