using System.Buffers;
using System.IO.Compression;
using TaskFlow.Push.Telemetry;

namespace TaskFlow.Push.Transports;

/// <summary>Messages of permessage-deflate without context takeover (RFC 7692, 7.2): each is compressed and read by itself.</summary>
internal static class MessageDeflate
{
    /// <summary>What a sync flush ends with; it is left out on the way and put back before reading.</summary>
    private static ReadOnlySpan<byte> Tail => [0x00, 0x00, 0xFF, 0xFF];

    /// <summary>Writes the text as one WebSocket frame, compressed if that makes it shorter; returns the frame's length.</summary>
    /// <param name="destination">Has room for the frame as it would be uncompressed.</param>
    /// <param name="json">The text.</param>
    /// <param name="telemetry">Counts the compressions.</param>
    public static int WriteFrame(Span<byte> destination, ReadOnlySpan<byte> json, PushTelemetry telemetry)
    {
        // What does not shrink grows by a few bytes for every block; this is far more.
        var buffer = ArrayPool<byte>.Shared.Rent((json.Length * 2) + 128);
        try
        {
            var output = new MemoryStream(buffer);
            using (var deflate = new DeflateStream(output, CompressionLevel.Optimal, leaveOpen: true))
            {
                deflate.Write(json);
                deflate.Flush();
                telemetry.Compressed();
                var length = (int)output.Position - Tail.Length; // Now: disposing writes a last block, which is not part of the message.
                var isShorter = length > 0 && length < json.Length;
                ReadOnlySpan<byte> payload = isShorter ? buffer.AsSpan(0, length) : json;
                var header = Framing.WriteWebSocketHeader(destination, isShorter ? Framing.CompressedText : Framing.Text, payload.Length);
                payload.CopyTo(destination[header..]);
                return header + payload.Length;
            }
        }
        finally { ArrayPool<byte>.Shared.Return(buffer); }
    }

    /// <summary>Reads a message; returns its length, or the output's when there is more than fits, which is then not looked at.</summary>
    /// <exception cref="InvalidDataException">It is not DEFLATE.</exception>
    public static int Inflate(ReadOnlySpan<byte> payload, Span<byte> output)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(payload.Length + Tail.Length);
        try
        {
            payload.CopyTo(buffer);
            Tail.CopyTo(buffer.AsSpan(payload.Length));
            using var inflate = new DeflateStream(new MemoryStream(buffer, 0, payload.Length + Tail.Length), CompressionMode.Decompress);
            return inflate.ReadAtLeast(output, output.Length, throwOnEndOfStream: false);
        }
        finally { ArrayPool<byte>.Shared.Return(buffer); }
    }
}
