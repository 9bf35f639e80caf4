using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;

namespace TaskFlow.Push.Connections;

/// <summary>
/// Kestrel's output for one plain TCP connection, written to the socket by the thread that flushes. A flush is complete only when the kernel
/// has the bytes, so that whoever takes the connection over afterwards cannot overtake the response head; and an idle connection holds no buffer.
/// </summary>
internal sealed class SocketOutput(Socket socket) : PipeWriter
{
    private byte[] _buffer = [];
    private int _length;
    private bool _silenced;

    /// <summary>Whether nothing that Kestrel writes reaches the client: the connection is somebody else's.</summary>
    public void Silence(bool silenced) => _silenced = silenced;

    public override bool CanGetUnflushedBytes => true;
    public override long UnflushedBytes => _length;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsMemory(_length);
    }

    public override Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsSpan(_length);
    }

    public override void Advance(int bytes) => _length += bytes;

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_silenced || _length == 0)
        {
            Release();
            return ValueTask.FromResult(default(FlushResult));
        }
        var sent = SocketWire.TrySend(socket, _buffer.AsSpan(0, _length));
        if (sent == _length)
        {
            Release();
            return ValueTask.FromResult(default(FlushResult));
        }
        return sent < 0 ? ValueTask.FromResult(Broken()) : FlushRestAsync(sent, cancellationToken);
    }

    public override void CancelPendingFlush() { }

    public override void Complete(Exception? exception = null) => Release();

    private async ValueTask<FlushResult> FlushRestAsync(int sent, CancellationToken cancellationToken)
    {
        var (buffer, length) = (_buffer, _length);
        (_buffer, _length) = ([], 0); // Kestrel may go on writing while it waits; that goes into a buffer of its own.
        try
        {
            while (sent < length) sent += await socket.SendAsync(buffer.AsMemory(sent, length - sent), SocketFlags.None, cancellationToken);
            return default;
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException) { return new FlushResult(isCanceled: false, isCompleted: true); }
        finally { ArrayPool<byte>.Shared.Return(buffer); }
    }

    private FlushResult Broken()
    {
        Release();
        return new FlushResult(isCanceled: false, isCompleted: true);
    }

    private void Reserve(int sizeHint)
    {
        var wanted = _length + Math.Max(sizeHint, 256);
        if (wanted <= _buffer.Length) return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(wanted, 1024));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }

    private void Release()
    {
        if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        (_buffer, _length) = ([], 0);
    }
}
