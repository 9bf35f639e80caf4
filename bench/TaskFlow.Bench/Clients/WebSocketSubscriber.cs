using System.Buffers.Binary;
using TaskFlow.Bench.Setup;

namespace TaskFlow.Bench.Clients;

/// <summary>A WebSocket that counts events and answers pings.</summary>
internal class WebSocketSubscriber(Tally tally, Target target, long after) : Subscriber(tally, target, after)
{
    private readonly byte[] _header = new byte[10];
    private readonly long _after = after;
    private HttpDecoder? _handshake = new();
    private int _headerLength;
    private long _left;
    private bool _isOpen;
    private int _seqAt;

    protected bool IsWelcomed { get; private set; }

    /// <summary>Whether the client is in, now that it has got that piece of the server's first texts.</summary>
    protected virtual bool IsWelcome(ReadOnlySpan<byte> piece) => true;

    /// <summary>The server has agreed to speak WebSocket.</summary>
    protected virtual void OnOpen()
    {
    }

    protected override string FirstRequest() =>
        $"GET /realtime/{Target.Workspace}/ws?after={_after} HTTP/1.1\r\nHost: {Target.Host}:{Target.Port}\r\nAuthorization: Bearer {Target.Token}\r\n" +
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    protected override void OnBytes(ReadOnlySpan<byte> bytes)
    {
        if (_handshake is null)
        {
            OnFrames(bytes);
            return;
        }
        var handshake = _handshake;
        handshake.Read(bytes, rest =>
        {
            _handshake = null;
            OnFrames(rest);
        }, () => throw new BenchException($"the handshake was answered with {handshake.Status}"));
        if (handshake.Status != 101 || _isOpen) return;
        _isOpen = true;
        OnOpen();
    }

    /// <summary>What a text holds; whole, since the server's frames are final. Most hold one event, whose seq is where it was in the one before.</summary>
    protected virtual void OnText(ReadOnlySpan<byte> text)
    {
        if (EventText.TryReadSeq(text, ref _seqAt, out var seq)) OnSeq(seq);
        else Scan(text);
    }

    private void OnFrames(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_left == 0 && _headerLength == 0 && IsWelcomed && TryTakeText(ref bytes, out var text))
            {
                OnText(text);
                continue;
            }
            if (_left > 0)
            {
                var length = (int)Math.Min(_left, bytes.Length);
                Scan(bytes[..length]);
                if (!IsWelcomed && IsWelcome(bytes[..length]))
                {
                    IsWelcomed = true;
                    Welcomed();
                }
                _left -= length;
                bytes = bytes[length..];
                continue;
            }
            _header[_headerLength++] = bytes[0];
            bytes = bytes[1..];
            if (_headerLength < 2 || _headerLength < HeaderSize(_header[1])) continue;
            _left = (_header[1] & 0x7F) switch
            {
                126 => BinaryPrimitives.ReadUInt16BigEndian(_header.AsSpan(2)),
                127 => (long)BinaryPrimitives.ReadUInt64BigEndian(_header.AsSpan(2)),
                var small => small,
            };
            var opcode = _header[0] & 0x0F;
            _headerLength = 0;
            // A pong with an empty, zero-masked payload; the server's pings carry none that must come back.
            if (opcode == 9) SendAll([0x8A, 0x80, 0, 0, 0, 0]);
        }
    }

    /// <summary>Takes a text off that lies there whole. What is cut, and what is no text, goes the long way byte by byte.</summary>
    private static bool TryTakeText(ref ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (bytes.Length < 4 || bytes[0] != 0x81 || bytes[1] > 126) return false;
        var (start, length) = bytes[1] == 126 ? (4, BinaryPrimitives.ReadUInt16BigEndian(bytes[2..])) : (2, bytes[1]);
        if (bytes.Length < start + length) return false;
        text = bytes.Slice(start, length);
        bytes = bytes[(start + length)..];
        return true;
    }

    private static int HeaderSize(byte second) => (second & 0x7F) switch { 126 => 4, 127 => 10, _ => 2 };
}

/// <summary>The same for a SignalR hub: says which protocol it speaks, and is in when the hub's own welcome has followed the answer to that.</summary>
internal sealed class SignalRSubscriber(Tally tally, Target target, long after) : WebSocketSubscriber(tally, target, after)
{
    private const byte RecordSeparator = 0x1E;
    private int _records;

    /// <summary>Two records, which may lie in one text.</summary>
    protected override bool IsWelcome(ReadOnlySpan<byte> piece) => (_records += piece.Count(RecordSeparator)) >= 2;

    /// <summary>Several messages may lie in one text.</summary>
    protected override void OnText(ReadOnlySpan<byte> text) => Scan(text);

    protected override void OnOpen()
    {
        ReadOnlySpan<byte> handshake = "{\"protocol\":\"json\",\"version\":1}\u001e"u8;
        SendAll([0x81, (byte)(0x80 | handshake.Length), 0, 0, 0, 0, .. handshake]);
    }
}

/// <summary>Reads nothing behind the welcome, into the smallest buffer there is: what a laptop that was closed does.</summary>
internal sealed class StalledSubscriber : WebSocketSubscriber
{
    public StalledSubscriber(Tally tally, Target target, long after) : base(tally, target, after) => Socket.ReceiveBufferSize = 1;

    protected override bool GoesOn => !IsWelcomed;
}
