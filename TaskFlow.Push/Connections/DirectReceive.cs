using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace TaskFlow.Push.Connections;

/// <summary>recv(2) and nothing around it, for the reason of <see cref="DirectSend"/>: looks at what has come without waiting, and takes it out apart from that.</summary>
internal static partial class DirectReceive
{
    private const int Peek = 0x02, Truncate = 0x20, DontWait = 0x40;
    private const int Interrupted = 4, Again = 11;
    private const int SocketLevel = 1, LowWaterMark = 18;

    /// <summary>The numbers above are Linux'.</summary>
    public static bool IsSupported { get; } = OperatingSystem.IsLinux();

    /// <summary>Copies what has come and leaves it there: the number of bytes, 0 when there is nothing yet, -1 when nothing will come any more.</summary>
    public static int TryPeek(SafeSocketHandle socket, Span<byte> bytes)
    {
        try
        {
            var seen = Receive(socket, bytes, (nuint)bytes.Length, Peek | DontWait);
            if (seen > 0) return (int)seen;
            return seen < 0 && Marshal.GetLastPInvokeError() is Again or Interrupted ? 0 : -1;
        }
        catch (ObjectDisposedException) { return -1; }
    }

    /// <summary>Takes out so many bytes that were seen.</summary>
    public static void Discard(SafeSocketHandle socket, int count)
    {
        try { _ = Receive(socket, [], (nuint)count, Truncate | DontWait); } // TCP copies nothing then (tcp(7)).
        catch (ObjectDisposedException) { }
    }

    /// <summary>From how many waiting bytes on the kernel tells anybody of them; the end of the connection it tells in any case (socket(7), SO_RCVLOWAT).</summary>
    public static void TellFrom(Socket socket, int bytes)
    {
        try { socket.SetRawSocketOption(SocketLevel, LowWaterMark, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in bytes))); }
        catch (SocketException) { }
        catch (ObjectDisposedException) { }
    }

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint Receive(SafeSocketHandle socket, Span<byte> bytes, nuint length, int flags);
}
