using System.Net;
using System.Net.Sockets;

namespace TaskFlow.Local.Tests.DaprSidecar.Support;

/// <summary>Where the built programs and the repository's files are, and which ports are free.</summary>
internal static class Programs
{
    // …/tests/TaskFlow.Local.Tests/bin/{configuration}/{framework}/
    private static readonly DirectoryInfo Output = new(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));

    private static int NextPort = Random.Shared.Next(20_000, 31_000);

    public static string Repository { get; } = Path.GetFullPath(Path.Combine(Output.FullName, "..", "..", "..", "..", ".."));

    public static string Sidecar { get; } = Find("DaprSidecar", "TaskFlow.Local.DaprSidecar.dll");

    public static string RedisServer { get; } = Find("RedisServer", "TaskFlow.Local.RedisServer.dll");

    /// <summary>Below the range that outgoing connections draw from, so that nobody gets it in between.</summary>
    public static int FreePort()
    {
        while (true)
        {
            var port = 20_000 + (Interlocked.Increment(ref NextPort) % 12_000);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken: the next one.
            }
        }
    }

    private static string Find(string project, string file) => Path.Combine(Repository, "local", project, "bin", Output.Parent!.Name, Output.Name, file);
}
