using System.Globalization;

namespace Aspire.Hosting.Engine;

/// <summary>Finds out which process listens on a port, as far as the system lets us see.</summary>
internal static class PortHolder
{
    public static string? Find(int port) => OperatingSystem.IsLinux() ? FindInProc(port) : FindWithLsof(port);

    private static string? FindInProc(int port)
    {
        var sockets = new[] { "/proc/net/tcp", "/proc/net/tcp6" }.Where(File.Exists).SelectMany(file => File.ReadLines(file).Skip(1))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(columns => columns[3] == "0A" && int.Parse(columns[1].AsSpan(columns[1].LastIndexOf(':') + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture) == port)
            .Select(columns => $"socket:[{columns[9]}]").ToHashSet();
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0])))
        {
            if (!Holds(process, sockets)) continue;
            var id = Path.GetFileName(process);
            return $"process {id} ({Describe(process)})";
        }
        return null;
    }

    private static bool Holds(string process, HashSet<string> sockets)
    {
        try
        {
            return Directory.EnumerateFiles(Path.Combine(process, "fd")).Any(descriptor => new FileInfo(descriptor).LinkTarget is { } target && sockets.Contains(target));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string Describe(string process)
    {
        try
        {
            var commandLine = File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ').Trim();
            return commandLine.Length <= 100 ? commandLine : commandLine[..100] + "…";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "unknown";
        }
    }

    private static string? FindWithLsof(int port) =>
        Output.Of("lsof", "-nP", $"-iTCP:{port}", "-sTCP:LISTEN", "-Fpc")?.Split('\n') is [['p', .. var id], ['c', .. var command], ..] ? $"process {id} ({command})" : null;
}
