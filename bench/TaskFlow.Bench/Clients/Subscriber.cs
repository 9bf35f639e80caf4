using System.Net.Sockets;
using System.Text;
using TaskFlow.Bench.Setup;

namespace TaskFlow.Bench.Clients;

/// <summary>One client connection at the lowest cost: a non-blocking socket, read into a buffer shared by all when there is something to read.</summary>
internal abstract class Subscriber(Tally tally, Target target, long after) : ISeqSink
{
    [ThreadStatic]
    private static byte[]? Shared;

    private readonly Lock _reading = new();
    private SeqScanner _scanner;
    private long _last = after;
    private bool _ended;

    /// <summary>The last seq received.</summary>
    public long Last => Volatile.Read(ref _last);

    public bool IsOpen => !Volatile.Read(ref _ended);

    protected Target Target { get; } = target;

    protected Socket Socket { get; } = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    /// <summary>Whether the next bytes are wanted too.</summary>
    protected virtual bool GoesOn => true;

    /// <summary>Connects, asks, and reads from then on as <see cref="Readiness"/> tells it to. Returns before there is an answer.</summary>
    public void Start()
    {
        // Not asynchronously: that would leave the socket with the runtime's own thread, which would wake up for each delivery as well.
        Socket.Connect(Target.Host, Target.Port);
        Socket.Blocking = false;
        SendAll(Encoding.ASCII.GetBytes(FirstRequest()));
        Readiness.Shared.Watch(this, Socket);
    }

    /// <summary>Closes without a word, as a lost network does; it does not count as an end.</summary>
    public void Abort()
    {
        lock (_reading)
        {
            _ended = true;
            Socket.Dispose();
        }
    }

    /// <summary>Reads what there is; false when it must not be called again.</summary>
    public bool OnReadable()
    {
        lock (_reading)
        {
            if (_ended) return false;
            string? refusal = null;
            try
            {
                if (ReadAvailable()) return GoesOn;
            }
            catch (BenchException error) { refusal = error.Message; }
            _ended = true;
            tally.End(refusal);
            Socket.Dispose();
            return false;
        }
    }

    public void OnSeq(long seq) => tally.Received(Target.Room, seq, ref _last);

    protected abstract string FirstRequest();

    /// <summary>Takes bytes off the wire.</summary>
    /// <exception cref="BenchException">The answer is not what was asked for: ends the connection.</exception>
    protected abstract void OnBytes(ReadOnlySpan<byte> bytes);

    protected void Scan(ReadOnlySpan<byte> text) => _scanner.Read(text, this);

    protected void Welcomed() => tally.Welcome();

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

    /// <summary>False when the connection is at its end.</summary>
    private bool ReadAvailable()
    {
        var buffer = Shared ??= new byte[256 * 1024];
        while (true)
        {
            var read = Socket.Receive(buffer, SocketFlags.None, out var error);
            if (error is SocketError.WouldBlock) return true;
            if (error is not SocketError.Success || read == 0) return false;
            tally.Read();
            OnBytes(buffer.AsSpan(0, read));
            if (read < buffer.Length) return true;
        }
    }
}

/// <summary>Where a subscriber connects, and as whom.</summary>
/// <param name="Host">The server.</param>
/// <param name="Port">Its port.</param>
/// <param name="Room">Which of the run's rooms it is.</param>
/// <param name="Workspace">The room's workspace.</param>
/// <param name="Token">What the subscriber shows.</param>
internal sealed record Target(string Host, int Port, int Room, Guid Workspace, string Token);
