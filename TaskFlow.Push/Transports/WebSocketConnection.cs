using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Text.Unicode;
using TaskFlow.Contracts;
using TaskFlow.Push.Access;
using TaskFlow.Push.Connections;
using TaskFlow.Push.Telemetry;
using TaskFlow.Push.WorkspaceLogs;

namespace TaskFlow.Push.Transports;

/// <summary>
/// The receiving half of RFC 6455 on Kestrel's pipe, which holds no buffer while nothing comes. Clients send little: small text frames and
/// pongs, so everything beyond that is refused early, before it is buffered.
/// </summary>
internal sealed class WebSocketConnection(PushServices services, WorkspaceLog log, Caller caller, ResumePlan plan, bool compressed)
    : StreamConnection(services, log, caller, TransportKind.WebSocket, Framing.WebSocket, plan, compressed)
{
    public const int MaxMessage = 64 * 1024;
    private const int Rsv1 = 0x40, Reserved = 0x70;
    private const int ProtocolError = 1002, Unsupported = 1003, InvalidText = 1007;
    private byte[]? _message;
    private int _messageLength;
    private bool _messageCompressed;
    private long _skip;
    private bool _discard;
    private bool _peerClosed;

    protected override async Task ReceiveAsync(PipeReader input)
    {
        while (true)
        {
            var result = await input.ReadAsync();
            var buffer = result.Buffer;
            while (TryReadFrame(ref buffer, out var frame))
            {
                try { await HandleAsync(frame); }
                finally { frame.Return(); }
            }
            input.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted || result.IsCanceled || (_peerClosed && Closing)) return;
        }
    }

    protected override void WriteClose(Outbox outbox, CloseReason reason) => outbox.Add(CloseFrame(reason.Code, reason.Message));

    protected override bool MayEnd()
    {
        if (_discard) EndOutput();
        return _peerClosed;
    }

    protected override bool IsSilent(in TickContext tick) => tick.Seconds - HeardAt >= tick.IdleSeconds;

    /// <summary>A whole frame with its payload unmasked in a rented array; false when more bytes are needed.</summary>
    private bool TryReadFrame(ref ReadOnlySequence<byte> buffer, out Frame frame)
    {
        frame = default;
        Span<byte> header = stackalloc byte[14];
        while (true) // Not by recursion: a client may go on with as many frames as it likes after it was told to go.
        {
            if (_skip > 0 || _discard)
            {
                var skipped = _discard ? buffer.Length : Math.Min(_skip, buffer.Length);
                buffer = buffer.Slice(skipped);
                _skip -= _discard ? 0 : skipped;
            }
            var available = (int)Math.Min(header.Length, buffer.Length);
            if (available < 2) return false;
            buffer.Slice(0, available).CopyTo(header);
            var (opcode, final) = (header[0] & 0x0F, (header[0] & 0x80) != 0);
            var reserved = header[0] & Reserved;
            if (reserved != 0 && !(reserved == Rsv1 && Compressed && opcode is 1 or 2)) return Fail(ref buffer, "Reserved bits are set.");
            if ((header[1] & 0x80) == 0) return Fail(ref buffer, "A client masks its frames.");
            long length = header[1] & 0x7F;
            var size = length switch { 126 => 8, 127 => 14, _ => 6 };
            if (available < size) return false;
            if (length == 126) length = BinaryPrimitives.ReadUInt16BigEndian(header[2..]);
            else if (length == 127)
            {
                length = BinaryPrimitives.ReadInt64BigEndian(header[2..]);
                if (length < 0) return Fail(ref buffer, "The length is no length.");
            }
            if (opcode is (> 2 and < 8) or > 10) return Fail(ref buffer, "The opcode is unknown.");
            if (opcode >= 8 && (!final || length > 125)) return Fail(ref buffer, "A control frame is whole and has at most 125 bytes.");
            if (opcode == 0 && _message is null && !Closing) return Fail(ref buffer, "Nothing is there to be continued.");
            if (opcode is 1 or 2 && _message is not null && !Closing) return Fail(ref buffer, "A message was not finished.");
            if (opcode < 8 && (Closing || _messageLength + length > MaxMessage))
            {
                // What is too large is never buffered; the frames behind it still count, so that the client's answer to the close is seen.
                _skip = length;
                buffer = buffer.Slice(size);
                Close(CloseReason.TooLarge);
                continue;
            }
            if (buffer.Length < size + length) return false;
            var payload = length == 0 ? [] : ArrayPool<byte>.Shared.Rent((int)length);
            buffer.Slice(size, length).CopyTo(payload);
            Unmask(payload.AsSpan(0, (int)length), header.Slice(size - 4, 4));
            buffer = buffer.Slice(size + length);
            frame = new Frame((byte)opcode, final, reserved == Rsv1, payload, (int)length);
            return true;
        }
    }

    private ValueTask HandleAsync(Frame frame)
    {
        switch (frame.Opcode)
        {
            case 8:
                HandleClose(frame.Payload);
                return default;
            case 9:
                if (AllowControlFrame()) SendRaw([0x8A, (byte)frame.Length, .. frame.Payload]);
                return default;
            case 10:
                _ = AllowControlFrame();
                return default;
            case 2:
                Fail(Unsupported, "Frames are JSON texts.");
                return default;
            case 1 when frame.Final:
                return HandleMessageAsync(frame.Payload, frame.Compressed);
            default:
                return HandleFragmentAsync(frame);
        }
    }

    private ValueTask HandleMessageAsync(ReadOnlySpan<byte> message, bool compressed)
    {
        if (Closing) return default;
        if (compressed) return HandleCompressedAsync(message);
        if (Utf8.IsValid(message)) return ReceiveAsync(message);
        Fail(InvalidText, "The text is not UTF-8.");
        return default;
    }

    /// <summary>Counted before it is read, since reading is what costs: a few bytes may stand for 64 KB, but for no more.</summary>
    private ValueTask HandleCompressedAsync(ReadOnlySpan<byte> message)
    {
        if (!AllowFrame(reference: null)) return default;
        var buffer = ArrayPool<byte>.Shared.Rent(MaxMessage + 1);
        try
        {
            var text = buffer.AsSpan(0, MessageDeflate.Inflate(message, buffer.AsSpan(0, MaxMessage + 1)));
            if (text.Length > MaxMessage) Close(CloseReason.TooLarge);
            else if (Utf8.IsValid(text)) return HandleAsync(text);
            else Fail(InvalidText, "The text is not UTF-8.");
        }
        catch (InvalidDataException) { Fail(InvalidText, "The message is not compressed as agreed."); }
        finally { ArrayPool<byte>.Shared.Return(buffer); }
        return default;
    }

    private async ValueTask HandleFragmentAsync(Frame frame)
    {
        // A flood of empty fragments is a flood too.
        if (!AllowControlFrame()) return;
        if (_message is null) (_message, _messageCompressed) = (ArrayPool<byte>.Shared.Rent(MaxMessage), frame.Compressed);
        frame.Payload.CopyTo(_message.AsSpan(_messageLength));
        _messageLength += frame.Length;
        if (!frame.Final) return;
        var (message, length) = (_message, _messageLength);
        (_message, _messageLength) = (null, 0);
        try { await HandleMessageAsync(message.AsSpan(0, length), _messageCompressed); }
        finally { ArrayPool<byte>.Shared.Return(message); }
    }

    private void HandleClose(ReadOnlySpan<byte> payload)
    {
        _peerClosed = true;
        if (Closing)
        {
            EndReceiving();
            return;
        }
        var code = payload.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(payload) : 0;
        var bad = payload.Length == 1 || (payload.Length >= 2 && !MayBeSent(code)) ? ProtocolError : payload.Length > 2 && !Utf8.IsValid(payload[2..]) ? InvalidText : 0;
        SendRaw(bad != 0 ? CloseFrame(bad, "") : payload.Length == 0 ? [0x88, 0x00] : CloseFrame(code, ""), closing: true, code: bad != 0 ? bad : code == 0 ? 1005 : code);
    }

    private bool Fail(ref ReadOnlySequence<byte> buffer, string reason)
    {
        buffer = buffer.Slice(buffer.End);
        Fail(ProtocolError, reason);
        return false;
    }

    /// <summary>After a violation nothing more can be read from the stream; the client has seconds to take the close and go.</summary>
    private void Fail(int code, string reason)
    {
        _discard = true;
        SendRaw(CloseFrame(code, reason), closing: true, code: code);
    }

    /// <summary>RFC 6455, 7.4: the codes that may stand in a close frame.</summary>
    private static bool MayBeSent(int code) => code is (>= 1000 and <= 1003) or (>= 1007 and <= 1014) or (>= 3000 and <= 4999);

    private static byte[] CloseFrame(int code, string reason)
    {
        var text = System.Text.Encoding.UTF8.GetBytes(reason);
        return [0x88, (byte)(2 + text.Length), (byte)(code >> 8), (byte)code, .. text];
    }

    private static void Unmask(Span<byte> payload, ReadOnlySpan<byte> mask)
    {
        var key = BinaryPrimitives.ReadUInt32LittleEndian(mask);
        var i = 0;
        for (; i + 8 <= payload.Length; i += 8)
        {
            var part = payload.Slice(i, 8);
            BinaryPrimitives.WriteUInt64LittleEndian(part, BinaryPrimitives.ReadUInt64LittleEndian(part) ^ (key | ((ulong)key << 32)));
        }
        for (; i < payload.Length; i++) payload[i] ^= mask[i & 3];
    }

    private readonly record struct Frame(byte Opcode, bool Final, bool Compressed, byte[] Buffer, int Length)
    {
        public ReadOnlySpan<byte> Payload => Buffer.AsSpan(0, Length);

        public void Return()
        {
            if (Buffer is { Length: > 0 }) ArrayPool<byte>.Shared.Return(Buffer);
        }
    }
}
