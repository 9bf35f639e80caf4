using System.Buffers;
using System.IO.Pipelines;

namespace TaskFlow.Push.Connections;

/// <summary>What Kestrel sees as the transport: after the takeover its input is at its end and its output goes nowhere.</summary>
internal sealed class TakeoverPipe(PipeReader input, SocketOutput output) : PipeReader, IDuplexPipe
{
    private const int MaxHead = 8 * 1024;
    private bool _ended;
    private bool _keepsHeads;
    private ReadOnlySequence<byte> _read;
    private byte[]? _head;

    public PipeReader Original => input;
    public PipeReader Input => this;
    public PipeWriter Output => output;

    /// <summary>What was consumed last, if it is the whole head of a GET; null the first time.</summary>
    public byte[]? RequestHead()
    {
        _keepsHeads = true;
        return _head;
    }

    public void End()
    {
        (_ended, _head) = (true, null);
        output.Silence(true);
    }

    /// <summary>Lets Kestrel have the connection again.</summary>
    public void Resume()
    {
        _ended = false;
        output.Silence(false);
    }

    public override bool TryRead(out ReadResult result)
    {
        if (_ended)
        {
            result = new ReadResult(default, isCanceled: false, isCompleted: true);
            return true;
        }
        if (!input.TryRead(out result)) return false;
        if (_keepsHeads) _read = result.Buffer;
        return true;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (_ended) return ValueTask.FromResult(new ReadResult(default, isCanceled: false, isCompleted: true));
        var read = input.ReadAsync(cancellationToken);
        // A held poll is answered by the thread that serves the whole shard. If its next request is there already, another thread takes it: whoever sends
        // request after request without waiting for answers would have all the others wait.
        if (read.IsCompleted && ConnectionShard.IsServing) return ElsewhereAsync(read);
        return _keepsHeads ? KeepAsync(read) : read;
    }

    private async ValueTask<ReadResult> ElsewhereAsync(ValueTask<ReadResult> read)
    {
        await Task.Yield();
        return await KeepAsync(read);
    }

    private async ValueTask<ReadResult> KeepAsync(ValueTask<ReadResult> read)
    {
        var result = await read;
        _read = result.Buffer;
        return result;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_ended) return;
        if (_keepsHeads) KeepHead(_read.IsEmpty ? _read : _read.Slice(0, consumed));
        input.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead()
    {
        if (!_ended) input.CancelPendingRead();
    }

    public override void Complete(Exception? exception = null)
    {
        if (!_ended) input.Complete(exception);
    }

    private void KeepHead(ReadOnlySequence<byte> consumed)
    {
        _read = default;
        if (consumed.IsEmpty) return;
        _head = consumed.Length <= MaxHead ? consumed.ToArray() : null;
        // One that was consumed bit by bit ends like a head, but does not begin like one.
        if (!_head.AsSpan().StartsWith("GET "u8) || !_head.AsSpan().EndsWith("\r\n\r\n"u8)) _head = null;
    }
}
