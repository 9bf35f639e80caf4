using System.Net.Sockets;
using System.Text;

namespace TaskFlow.Bench.Clients;

/// <summary>
/// One client connection at the lowest cost: a non-blocking socket that waits with a zero-byte receive and then reads into a buffer shared by all.
/// Completions run inline on the runtime's one socket thread (<see cref="UseOneSocketThread"/>).
/// </summary>
internal abstract class Subscriber : SocketAsyncEventArgs, ISeqSink
{
    [ThreadStatic]
    private static byte[]? Shared;

    private readonly Tally _tally;
    private SeqScanner _scanner;
    private long _last;
    private bool _ended;

    protected Subscriber(Tally tally, Target target, long after)
    {
        (_tally, Target, _last) = (tally, target, after);
        SetBuffer(Memory<byte>.Empty);
    }

    /// <summary>The last seq received.</summary>
    public long Last => Volatile.Read(ref _last);

    protected Target Target { get; }

    protected Socket Socket { get; } = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    /// <summary>Must run before the process opens its first socket.</summary>
    public static void UseOneSocketThread()
    {
        Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
        Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT", "1");
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await Socket.ConnectAsync(Target.Host, Target.Port, cancellationToken);
        Socket.Blocking = false;
        SendAll(Encoding.ASCII.GetBytes(FirstRequest()));
        Wait();
    }

    /// <summary>Closes without a word, as a lost network does; it does not count as an end.</summary>
    public void Abort()
    {
        Volatile.Write(ref _ended, true);
        Socket.Dispose();
    }

    void ISeqSink.OnSeq(long seq) => _tally.Received(seq, ref _last);

    protected abstract string FirstRequest();

    /// <summary>Takes bytes off the wire.</summary>
    protected abstract void OnBytes(ReadOnlySpan<byte> bytes);

    protected void Scan(ReadOnlySpan<byte> text) => _scanner.Read(text, this);

    protected void Welcomed() => _tally.Welcome();

    protected void SendAll(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var sent = Socket.Send(bytes, SocketFlags.None, out var error);
            if (error is SocketError.WouldBlock) Thread.Yield();
            else if (error is not SocketError.Success) return;
            bytes = bytes[sent..];
        }
    }

    protected override void OnCompleted(SocketAsyncEventArgs e)
    {
        if (SocketError is not SocketError.Success || !ReadAvailable()) End();
        else Wait();
    }

    private void Wait()
    {
        try
        {
            while (!Socket.ReceiveAsync(this))
            {
                if (SocketError is not SocketError.Success || !ReadAvailable())
                {
                    End();
                    return;
                }
            }
        }
        catch (ObjectDisposedException) { End(); }
    }

    private bool ReadAvailable()
    {
        var buffer = Shared ??= new byte[256 * 1024];
        try
        {
            while (true)
            {
                var read = Socket.Receive(buffer, SocketFlags.None, out var error);
                if (error is SocketError.WouldBlock) return true;
                if (error is not SocketError.Success || read == 0) return false;
                OnBytes(buffer.AsSpan(0, read));
                if (read < buffer.Length) return true;
            }
        }
        catch (ObjectDisposedException) { return false; }
    }

    private void End()
    {
        if (Volatile.Read(ref _ended)) return;
        Volatile.Write(ref _ended, true);
        _tally.End();
        Socket.Dispose();
    }
}

/// <summary>Where a subscriber connects, and as whom.</summary>
internal sealed record Target(string Host, int Port, Guid Workspace, string Token);
