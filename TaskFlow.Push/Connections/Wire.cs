using System.IO.Pipelines;
using System.Net.Sockets;

namespace TaskFlow.Push.Connections;

/// <summary>The sending side of one client's connection. One writer at a time; nothing is queued or copied here.</summary>
internal abstract class Wire
{
    /// <summary>Hands over what the connection takes without waiting: the number of bytes, 0 when it is full, -1 when it is broken.</summary>
    public abstract int TrySend(ReadOnlySpan<byte> bytes);

    /// <summary>Reads what <see cref="TrySend"/> will need; see <see cref="Connection.Touch"/>.</summary>
    public virtual int Touch() => 0;

    /// <summary>Sends all of it, waiting as long as the client lets it.</summary>
    public abstract ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Ends the output (FIN), so that the client sees the end although its own side is still open.</summary>
    public abstract void EndOutput();

    /// <summary>Breaks the connection at once.</summary>
    public abstract void Abort();
}

/// <summary>A plain TCP socket, written to directly: one system call from the log's bytes to the kernel.</summary>
internal sealed class SocketWire(Socket socket, Action abort) : Wire
{
    private readonly SafeSocketHandle? _handle = DirectSend.IsSupported ? socket.SafeHandle : null;

    public override int TrySend(ReadOnlySpan<byte> bytes) => _handle is { } handle ? DirectSend.TrySend(handle, bytes) : TrySend(socket, bytes);

    public override int Touch() => _handle is { IsInvalid: true } ? 1 : 0;

    public override async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (bytes.Length > 0) bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, cancellationToken)..];
    }

    public override void EndOutput()
    {
        try { socket.Shutdown(SocketShutdown.Send); }
        catch (SocketException) { }
        catch (ObjectDisposedException) { }
    }

    public override void Abort() => abort();

    internal static int TrySend(Socket socket, ReadOnlySpan<byte> bytes)
    {
        try
        {
            var sent = socket.Send(bytes, SocketFlags.None, out var error);
            return error switch
            {
                SocketError.Success => sent,
                SocketError.WouldBlock or SocketError.NoBufferSpaceAvailable or SocketError.TryAgain => 0,
                _ => -1,
            };
        }
        catch (ObjectDisposedException) { return -1; }
    }
}

/// <summary>Anything else, TLS above all: through the response's or the upgraded stream's pipe. One flush at a time; while it waits, the wire is full.</summary>
internal sealed class PipeWire(PipeWriter output, Action abort) : Wire
{
    private Task _flush = Task.CompletedTask;

    public override int TrySend(ReadOnlySpan<byte> bytes)
    {
        if (!_flush.IsCompleted) return 0;
        if (!_flush.IsCompletedSuccessfully) return -1;
        try
        {
            bytes.CopyTo(output.GetSpan(bytes.Length));
            output.Advance(bytes.Length);
            var flush = output.FlushAsync(CancellationToken.None);
            _flush = flush.IsCompletedSuccessfully && !flush.Result.IsCompleted ? Task.CompletedTask : flush.AsTask();
            return bytes.Length;
        }
        catch (InvalidOperationException) { return -1; }
    }

    public override async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await _flush.WaitAsync(cancellationToken);
        var result = await output.WriteAsync(bytes, cancellationToken);
        if (result.IsCompleted) throw new IOException("the client has gone");
    }

    public override void EndOutput() => _ = output.CompleteAsync().AsTask();

    public override void Abort() => abort();
}
