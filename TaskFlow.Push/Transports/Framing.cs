using System.Buffers.Binary;
using System.Buffers.Text;

namespace TaskFlow.Push.Transports;

/// <summary>How one frame (a JSON text) looks on the wire of one transport. Stateless, so that the bytes can be shared by every connection.</summary>
internal abstract class Framing
{
    public static readonly Framing WebSocket = new WebSocketFraming();
    public static readonly Framing Sse = new SseFraming(chunked: false);
    public static readonly Framing SseChunked = new SseFraming(chunked: true);

    /// <summary>How many bytes <see cref="Write"/> will write.</summary>
    public abstract int Measure(long? id, int length);

    /// <summary>Writes the frame. <paramref name="id"/> is the seq to resume behind, of the frames that have one.</summary>
    public abstract void Write(Span<byte> destination, long? id, ReadOnlySpan<byte> json);

    public byte[] Encode(long? id, ReadOnlySpan<byte> json)
    {
        var bytes = new byte[Measure(id, json.Length)];
        Write(bytes, id, json);
        return bytes;
    }

    /// <summary>The first byte of a final text frame; the second one is of one that is compressed as well (RSV1).</summary>
    public const byte Text = 0x81, CompressedText = 0xC1;

    /// <summary>Writes the head of an unmasked frame (RFC 6455, 5.2) and returns how long it is.</summary>
    public static int WriteWebSocketHeader(Span<byte> destination, byte first, int length)
    {
        destination[0] = first;
        if (length < 126)
        {
            destination[1] = (byte)length;
            return 2;
        }
        if (length <= ushort.MaxValue)
        {
            destination[1] = 126;
            BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)length);
            return 4;
        }
        destination[1] = 127;
        BinaryPrimitives.WriteUInt64BigEndian(destination[2..], (ulong)length);
        return 10;
    }

    /// <summary>The text of a whole, uncompressed WebSocket frame of ours.</summary>
    public static ReadOnlyMemory<byte> TextOf(ReadOnlyMemory<byte> frame) => frame[(frame.Span[1] switch { 127 => 10, 126 => 4, _ => 2 })..];

    /// <summary>RFC 6455: one unmasked, final text frame.</summary>
    private sealed class WebSocketFraming : Framing
    {
        public override int Measure(long? id, int length) => length + (length < 126 ? 2 : length <= ushort.MaxValue ? 4 : 10);

        public override void Write(Span<byte> destination, long? id, ReadOnlySpan<byte> json)
        {
            var header = WriteWebSocketHeader(destination, Text, json.Length);
            json.CopyTo(destination[header..]);
        }
    }

    /// <summary>
    /// An event of text/event-stream. Over HTTP/1.1 the stream's writers pass Kestrel by, so the chunk around the event (RFC 9112, 7.1) is part of the shared bytes.
    /// </summary>
    private sealed class SseFraming(bool chunked) : Framing
    {
        private const int FixedLength = 23; // "event: message\n", "data: ", "\n\n"

        public override int Measure(long? id, int length)
        {
            var content = length + FixedLength + (id is { } value ? 5 + Digits(value) : 0);
            return chunked ? content + HexDigits(content) + 4 : content;
        }

        public override void Write(Span<byte> destination, long? id, ReadOnlySpan<byte> json)
        {
            var content = json.Length + FixedLength + (id is { } value ? 5 + Digits(value) : 0);
            if (chunked)
            {
                Utf8Formatter.TryFormat(content, destination, out var written, 'x');
                destination = destination[written..];
                Append(ref destination, "\r\n"u8);
            }
            if (id is { } seq)
            {
                Append(ref destination, "id: "u8);
                Utf8Formatter.TryFormat(seq, destination, out var written);
                destination = destination[written..];
                Append(ref destination, "\n"u8);
            }
            Append(ref destination, "event: message\ndata: "u8);
            Append(ref destination, json);
            Append(ref destination, "\n\n"u8);
            if (chunked) Append(ref destination, "\r\n"u8);
        }

        private static void Append(ref Span<byte> destination, ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(destination);
            destination = destination[bytes.Length..];
        }

        private static int Digits(long value)
        {
            var digits = 1;
            for (; value >= 10; value /= 10) digits++;
            return digits;
        }

        private static int HexDigits(int value)
        {
            var digits = 1;
            for (; value >= 16; value >>= 4) digits++;
            return digits;
        }
    }
}
