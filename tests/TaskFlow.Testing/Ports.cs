using System.Net;
using System.Net.Sockets;

namespace TaskFlow.Testing;

/// <summary>Ports for what a test starts itself.</summary>
public static class Ports
{
    /// <summary>A free port below the ephemeral range, so that no outgoing connection takes it meanwhile.</summary>
    public static int Free()
    {
        while (true)
        {
            var port = Random.Shared.Next(12_000, 32_000);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken: another one.
            }
        }
    }
}
