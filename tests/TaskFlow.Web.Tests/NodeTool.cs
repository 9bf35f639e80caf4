using System.Diagnostics;
using System.Text;

namespace TaskFlow.Web.Tests;

/// <summary>Runs Node and npm in web/, where the packages are installed first if the lock file says so.</summary>
internal static class NodeTool
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(8);
    private static readonly Version Oldest = new(20, 19);
    private static readonly SemaphoreSlim Installing = new(1);

    public static string WebFolder { get; } = FindWebFolder();

    /// <summary>Skips the test where there is no usable Node; else sees to it that the packages are there.</summary>
    public static async Task RequireAsync(CancellationToken ct)
    {
        string version;
        try
        {
            version = (await RunAsync("node", ["--version"], ct)).Output.Trim();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("Node is not installed; the web app needs Node 20.19 or newer (https://nodejs.org, or `apt-get install nodejs npm`).");
            return;
        }
        if (!Version.TryParse(version.TrimStart('v'), out var found) || found < Oldest) Assert.Skip($"Node {version} is too old; the web app needs 20.19 or newer.");

        await Installing.WaitAsync(ct);
        try
        {
            await InstallAsync(ct);
        }
        finally
        {
            Installing.Release();
        }
    }

    /// <summary>Runs a script of package.json and fails with its output when it fails.</summary>
    public static Task NpmAsync(string script, CancellationToken ct, params string[] arguments) =>
        SucceedAsync("npm", ["run", "--silent", script, .. arguments.Length > 0 ? new[] { "--" } : [], .. arguments], ct);

    public static async Task SucceedAsync(string program, string[] arguments, CancellationToken ct, IReadOnlyDictionary<string, string>? environment = null)
    {
        var (code, output) = await RunAsync(program, arguments, ct, environment);
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments)} ended with {code}:\n{output}");
    }

    /// <summary>npm writes a copy of the lock file into node_modules at the end of an installation: one that is as new as the lock file is whole.</summary>
    private static async Task InstallAsync(CancellationToken ct)
    {
        var installed = new FileInfo(Path.Combine(WebFolder, "node_modules", ".package-lock.json"));
        var wanted = new FileInfo(Path.Combine(WebFolder, "package-lock.json"));
        if (installed.Exists && installed.LastWriteTimeUtc >= wanted.LastWriteTimeUtc) return;
        await SucceedAsync("npm", ["ci", "--no-audit", "--no-fund"], ct);
    }

    private static async Task<(int Code, string Output)> RunAsync(
        string program, string[] arguments, CancellationToken ct, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(OperatingSystem.IsWindows() && program == "npm" ? "npm.cmd" : program, arguments)
        {
            WorkingDirectory = WebFolder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["NO_COLOR"] = "1";
        start.Environment["CI"] = "1";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;

        using var process = new Process { StartInfo = start };
        var output = new StringBuilder();
        void Append(object sender, DataReceivedEventArgs line)
        {
            lock (output) output.AppendLine(line.Data);
        }
        process.OutputDataReceived += Append;
        process.ErrorDataReceived += Append;
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Limit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            ct.ThrowIfCancellationRequested();
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end within {Limit.TotalMinutes:0} minutes:\n{output}");
        }
        lock (output) return (process.ExitCode, output.ToString());
    }

    private static string FindWebFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "TaskFlow.sln"))) return Path.Combine(folder.FullName, "web");
        }
        throw new DirectoryNotFoundException($"No TaskFlow.sln above {AppContext.BaseDirectory}.");
    }
}
