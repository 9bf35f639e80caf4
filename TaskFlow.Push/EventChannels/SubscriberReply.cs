using System.Buffers.Text;

namespace TaskFlow.Push.EventChannels;

internal enum ReplyKind { Message, Subscribed, Other, Error }

/// <summary>
/// What Redis says on a connection that subscribes: a message, or the answer to a command (https://redis.io/docs/latest/develop/reference/protocol-spec/, RESP2).
/// Points into the buffer it was read from.
/// </summary>
internal readonly ref struct SubscriberReply
{
    /// <summary>The largest message that is waited for; ours are 1 MiB at most.</summary>
    public const int MaxPayload = 4 * 1024 * 1024;

    private const int MaxLine = 4 * 1024;

    public ReplyKind Kind { get; private init; }

    /// <summary>The channel; the text of an error or a status.</summary>
    public ReadOnlySpan<byte> Text { get; private init; }

    public ReadOnlySpan<byte> Payload { get; private init; }

    /// <summary>Reads the reply that the buffer begins with; false when it has only a part of it.</summary>
    /// <exception cref="InvalidDataException">That is no reply.</exception>
    public static bool TryRead(ReadOnlySpan<byte> buffer, out SubscriberReply reply, out int consumed)
    {
        reply = default;
        consumed = 0;
        if (!TryReadLine(buffer, out var line, out consumed)) return false;
        switch (line[0])
        {
            case (byte)'+' or (byte)':':
                reply = new SubscriberReply { Kind = ReplyKind.Other, Text = line[1..] };
                return true;
            case (byte)'-':
                reply = new SubscriberReply { Kind = ReplyKind.Error, Text = line[1..] };
                return true;
            case (byte)'*' when Number(line) is >= 1 and <= 3 and var count:
                return TryReadElements(buffer, count, ref consumed, out reply);
            default:
                throw new InvalidDataException("Redis sends what is no reply to a subscriber");
        }
    }

    private static bool TryReadElements(ReadOnlySpan<byte> buffer, int count, scoped ref int consumed, out SubscriberReply reply)
    {
        reply = default;
        ReadOnlySpan<byte> kind = default, text = default, payload = default;
        for (var i = 0; i < count; i++)
        {
            if (!TryReadElement(buffer, ref consumed, out var element)) return false;
            if (i == 0) kind = element;
            else if (i == 1) text = element;
            else payload = element;
        }
        reply = new SubscriberReply
        {
            Kind = kind.SequenceEqual("message"u8) ? ReplyKind.Message
                : kind.SequenceEqual("subscribe"u8) ? ReplyKind.Subscribed
                : ReplyKind.Other,
            Text = text,
            Payload = payload,
        };
        return true;
    }

    private static bool TryReadElement(ReadOnlySpan<byte> buffer, scoped ref int consumed, out ReadOnlySpan<byte> element)
    {
        element = default;
        if (!TryReadLine(buffer[consumed..], out var line, out var used)) return false;
        if (line[0] == ':')
        {
            element = line[1..];
            consumed += used;
            return true;
        }
        if (line[0] != '$') throw new InvalidDataException("Redis sends an element that is neither a string nor a number");
        var length = Number(line);
        if (length == -1) // No string, not even an empty one.
        {
            consumed += used;
            return true;
        }
        if (length is < 0 or > MaxPayload) throw new InvalidDataException($"Redis sends a string of {length} bytes");
        var rest = buffer[(consumed + used)..];
        if (rest.Length < length + 2) return false;
        if (!rest[length..].StartsWith("\r\n"u8)) throw new InvalidDataException("Redis sends a string that is longer than it says");
        element = rest[..length];
        consumed += used + length + 2;
        return true;
    }

    /// <summary>A line without its end, never empty.</summary>
    private static bool TryReadLine(ReadOnlySpan<byte> buffer, out ReadOnlySpan<byte> line, out int consumed)
    {
        line = default;
        consumed = 0;
        var end = buffer[..Math.Min(buffer.Length, MaxLine)].IndexOf("\r\n"u8);
        if (end > 0)
        {
            line = buffer[..end];
            consumed = end + 2;
            return true;
        }
        return end < 0 && buffer.Length < MaxLine ? false : throw new InvalidDataException("Redis sends a line that is empty or has no end");
    }

    private static int Number(ReadOnlySpan<byte> line) =>
        Utf8Parser.TryParse(line[1..], out int number, out var length) && length == line.Length - 1 ? number : throw new InvalidDataException("Redis sends a length that is no number");
}
