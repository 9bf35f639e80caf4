using System.Buffers.Binary;

namespace TaskFlow.Bench.Clients;

/// <summary>A WebSocket that counts events and answers pings.</summary>
internal sealed class WebSocketSubscriber(Tally tally, Target target, long after) : Subscriber(tally, target, after)
{
    private readonly byte[] _header = new byte[10];
    private readonly long _after = after;
    private HttpDecoder? _handshake = new();
    private int _headerLength;
    private long _left;
    private bool _welcomed;

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
        }, () => throw new InvalidOperationException($"the handshake was answered with {handshake.Status}"));
    }

    private void OnFrames(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_left > 0)
            {
                var length = (int)Math.Min(_left, bytes.Length);
                Scan(bytes[..length]);
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
            if (opcode == 1 && !_welcomed)
            {
                _welcomed = true;
                Welcomed();
            }
        }
    }

    private static int HeaderSize(byte second) => (second & 0x7F) switch { 126 => 4, 127 => 10, _ => 2 };
}
