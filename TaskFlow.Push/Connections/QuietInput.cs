using System.Net.Sockets;
using System.Threading.Tasks.Sources;

namespace TaskFlow.Push.Connections;

/// <summary>
/// The input of a client that asks after each answer and then waits for the next one. Nobody has to hear at once that it has asked: it is looked at when there is
/// something to answer, and otherwise in passing (<see cref="Harvest"/>). Only a client that has not asked for a while, or that something is waiting for, is waited for.
/// What is not taken stays in the socket for whoever reads it next. Linux and plain TCP; one reader at a time.
/// </summary>
internal abstract class QuietInput : IValueTaskSource<bool>
{
    private const int Off = 0, Quiet = 1, Looking = 2, Prompt = 3;

    /// <summary>More than a request has, and less than a window: the kernel still tells of who sends without end.</summary>
    private const int Quietly = 16 * 1024;
    private const int MaxLooks = 5;

    [ThreadStatic]
    private static byte[]? Scratch;

    private readonly Harvest _harvest = Harvest.Next();
    private ManualResetValueTaskSourceCore<bool> _next;
    private Socket _socket = null!;
    private SafeSocketHandle? _handle;
    private CancellationToken _ended;
    private int _state;
    private int _looks;
    private int _isListed;
    private bool _isQuiet;

    /// <summary>What of it belongs to its owner, who remembers it: the number of bytes. 0 when it is not for them.</summary>
    protected abstract int Take(ReadOnlySpan<byte> input);

    /// <summary>Begins with what a socket will bring; until <see cref="Release"/> nobody else may read from it.</summary>
    protected void Borrow(Socket socket, CancellationToken ended) => (_socket, _handle, _ended) = (socket, socket.SafeHandle, ended);

    /// <summary>Lets the socket be as it was.</summary>
    protected void Release() => Tell(quietly: false);

    /// <summary>Completes when something was taken: true. False when something else has come, or nothing will any more.</summary>
    /// <param name="quietly">Whether nothing waits for it.</param>
    protected ValueTask<bool> NextAsync(bool quietly)
    {
        _next.Reset();
        var next = new ValueTask<bool>(this, _next.Version);
        Tell(quietly);
        if (quietly)
        {
            _looks = 0;
            Volatile.Write(ref _state, Quiet);
            if (_ended.IsCancellationRequested) Cancel();
            else List();
        }
        else
        {
            Volatile.Write(ref _state, Prompt);
            _ = WaitAsync();
        }
        return next;
    }

    /// <summary>Whether the client has gone. For one whose request was taken and not answered yet.</summary>
    protected bool HasGone() => DirectReceive.IsSupported && DirectReceive.TryPeek(_handle!, stackalloc byte[1]) < 0;

    /// <summary>There is something for the client: has it asked? If not, it is waited for.</summary>
    public void Look()
    {
        if (TryTake()) return;
        if (Interlocked.CompareExchange(ref _state, Prompt, Quiet) == Quiet) _ = WaitAsync();
    }

    /// <summary>Looks, without anything to answer.</summary>
    public void LookInPassing()
    {
        Volatile.Write(ref _isListed, 0);
        if (TryTake() || Volatile.Read(ref _state) != Quiet) return;
        if (++_looks >= MaxLooks) Look();
        else List();
    }

    /// <summary>Reads what looking will need; see <see cref="Connection.Touch"/>.</summary>
    public virtual int Touch() => _state + (_handle is { IsInvalid: true } ? 1 : 0);

    /// <summary>Ends the wait: nothing is taken any more.</summary>
    protected void Cancel()
    {
        if (Interlocked.CompareExchange(ref _state, Off, Quiet) == Quiet) _next.SetResult(false);
    }

    private void List()
    {
        if (Interlocked.Exchange(ref _isListed, 1) == 0) _harvest.Add(this);
    }

    /// <summary>Whether the wait is over, or another thread is just seeing to it.</summary>
    private bool TryTake()
    {
        if (Interlocked.CompareExchange(ref _state, Looking, Quiet) != Quiet) return true;
        if (IsOver(out var taken))
        {
            Volatile.Write(ref _state, Off);
            _next.SetResult(taken); // What waits for it goes on here.
            return true;
        }
        Volatile.Write(ref _state, Quiet);
        if (_ended.IsCancellationRequested) Cancel();
        return false;
    }

    private bool IsOver(out bool taken)
    {
        var buffer = Buffer();
        var seen = DirectReceive.TryPeek(_handle!, buffer);
        var count = seen > 0 ? Take(buffer.AsSpan(0, seen)) : 0;
        if (count > 0) DirectReceive.Discard(_handle!, count);
        taken = count > 0;
        return seen != 0;
    }

    /// <summary>Has the kernel tell of the next byte, as everybody else does.</summary>
    private async Task WaitAsync()
    {
        var taken = false;
        try
        {
            Tell(quietly: false);
            do
            {
                var readable = _socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, _ended);
                if (readable.IsCompleted && ConnectionShard.IsServing) await Task.Yield(); // Others wait for this thread.
                await readable;
            } while (!IsOver(out taken));
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException or ObjectDisposedException) { }
        Volatile.Write(ref _state, Off);
        _next.SetResult(taken);
    }

    private void Tell(bool quietly)
    {
        if (quietly == _isQuiet) return;
        _isQuiet = quietly;
        DirectReceive.TellFrom(_socket, quietly ? Quietly : 1);
    }

    private static byte[] Buffer() => Scratch ??= GC.AllocateUninitializedArray<byte>(Quietly);

    bool IValueTaskSource<bool>.GetResult(short token) => _next.GetResult(token);
    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _next.GetStatus(token);
    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) => _next.OnCompleted(continuation, state, token, flags);
}
