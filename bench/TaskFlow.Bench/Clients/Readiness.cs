using System.Net.Sockets;

namespace TaskFlow.Bench.Clients;

/// <summary>Tells subscribers when there is something to read, all on one thread: what they count together needs no lock.</summary>
internal abstract class Readiness
{
    /// <summary>The one of this process.</summary>
    public static Readiness Shared { get; } = OperatingSystem.IsLinux() ? new EpollReadiness() : new SocketReadiness();

    /// <summary>Calls <see cref="Subscriber.OnReadable"/> whenever bytes came, until it says false.</summary>
    public abstract void Watch(Subscriber subscriber, Socket socket);
}

/// <summary>
/// By the runtime's own socket thread and a receive of zero bytes, on every system. Costs three system calls for each delivery: one that finds nothing
/// yet, one that finds out that something came, and the read.
/// </summary>
internal sealed class SocketReadiness : Readiness
{
    /// <summary>Must run before the process opens its first socket.</summary>
    public static void UseOneSocketThread()
    {
        Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
        Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT", "1");
    }

    public override void Watch(Subscriber subscriber, Socket socket) => new Wait(subscriber, socket).Next();

    private sealed class Wait : SocketAsyncEventArgs
    {
        private readonly Subscriber _subscriber;
        private readonly Socket _socket;

        public Wait(Subscriber subscriber, Socket socket)
        {
            (_subscriber, _socket) = (subscriber, socket);
            SetBuffer(Memory<byte>.Empty);
        }

        public void Next()
        {
            try
            {
                while (!_socket.ReceiveAsync(this)) if (!_subscriber.OnReadable()) return;
            }
            catch (ObjectDisposedException) { } // Aborted meanwhile.
        }

        protected override void OnCompleted(SocketAsyncEventArgs e)
        {
            if (_subscriber.OnReadable()) Next();
        }
    }
}
