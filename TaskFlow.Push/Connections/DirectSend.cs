using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace TaskFlow.Push.Connections;

/// <summary>
/// send(2) and nothing around it. When an event goes out, what belongs to a connection has long left the processor's caches, and each object that is looked at on
/// the way costs as much as a hundred instructions: <see cref="Socket"/> has several.
/// </summary>
internal static partial class DirectSend
{
    private const int DontWait = 0x40, NoSignal = 0x4000;
    private const int Interrupted = 4, Again = 11, NoBuffers = 105;

    /// <summary>The numbers above are Linux'.</summary>
    public static bool IsSupported { get; } = OperatingSystem.IsLinux();

    /// <summary>Hands over what the socket takes without waiting: the number of bytes, 0 when it is full, -1 when it is broken.</summary>
    public static int TrySend(SafeSocketHandle socket, ReadOnlySpan<byte> bytes)
    {
        try
        {
            var sent = Send(socket, bytes, (nuint)bytes.Length, DontWait | NoSignal);
            if (sent >= 0) return (int)sent;
            return Marshal.GetLastPInvokeError() is Again or Interrupted or NoBuffers ? 0 : -1;
        }
        catch (ObjectDisposedException) { return -1; }
    }

    // The handle is held for the length of the call: its number cannot come to mean another client's socket meanwhile.
    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint Send(SafeSocketHandle socket, ReadOnlySpan<byte> bytes, nuint length, int flags);
}
