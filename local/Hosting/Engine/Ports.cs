using System.Net;
using System.Net.Sockets;

namespace Aspire.Hosting.Engine;

/// <summary>
/// TCP ports on loopback. Free ones are drawn below the range from which the system gives ports to outgoing connections, and held by a lock file until the
/// application ends, so that two runs that start in the same moment cannot draw the same one.
/// </summary>
internal sealed class Ports : IDisposable
{
    private const int First = 10_000, Last = 32_000;
    private readonly List<FileStream> _held = [];
    private readonly string _folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"taskflow-ports-{Environment.UserName}")).FullName;

    public int Draw()
    {
        for (var attempt = 0; attempt < 1_000; attempt++)
        {
            var port = Random.Shared.Next(First, Last);
            if (Hold(port) is not { } held) continue;
            if (IsFree(port))
            {
                _held.Add(held);
                return port;
            }
            held.Dispose();
        }
        throw new DistributedApplicationException($"No free TCP port was found between {First} and {Last}.");
    }

    /// <summary>A port that was asked for by number is free, or the message says who has it and how to choose another.</summary>
    public static void Require(int port, string setting)
    {
        if (port is < 1 or > 65535) throw new DistributedApplicationException($"{setting} is {port}: a port is a number between 1 and 65535.");
        if (IsFree(port)) return;
        var holder = PortHolder.Find(port) is { } found ? $" by {found}" : "";
        throw new DistributedApplicationException($"Port {port} is taken{holder}. Stop that process, or choose another port with --{setting}=…");
    }

    public static bool IsFree(int port) => CanBind(IPAddress.Loopback, port) && (!Socket.OSSupportsIPv6 || CanBind(IPAddress.IPv6Loopback, port));

    public void Dispose()
    {
        foreach (var held in _held) held.Dispose();
    }

    private FileStream? Hold(int port)
    {
        try
        {
            return new FileStream(Path.Combine(_folder, $"{port}"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static bool CanBind(IPAddress address, int port)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(1);
            return true;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported;
        }
    }
}
