using System.Buffers.Text;

namespace TaskFlow.Push.Transports;

/// <summary>
/// The head of a poll's request that Kestrel has parsed and that was answered with 200. A request that differs from it in nothing but the digits of
/// <c>after</c> means the same: same route, same token, same headers, no body.
/// </summary>
internal sealed class RepeatedRequest
{
    private readonly byte[] _head;
    private readonly int _digits;
    private readonly int _rest;

    private RepeatedRequest(byte[] head, int digits, int rest) => (_head, _digits, _rest) = (head, digits, rest);

    /// <summary>How many bytes a repetition has at most.</summary>
    public int MaxLength => _head.Length + 20;

    /// <summary>The pattern that the request is; null when there is no place for another <c>after</c> in it.</summary>
    public static RepeatedRequest? Of(byte[] head)
    {
        var target = head.AsSpan(0, Math.Max(0, head.AsSpan().IndexOf("\r\n"u8)));
        var name = target.IndexOf("?after="u8);
        if (name < 0) name = target.IndexOf("&after="u8);
        if (name < 0 || !target.StartsWith("GET "u8)) return null;
        var digits = name + "?after=".Length;
        var count = target[digits..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return count <= 0 ? null : new RepeatedRequest(head, digits, digits + count);
    }

    /// <summary>Whether the input begins with a whole repetition: where it asks to go on, and how long it is.</summary>
    public bool TryMatch(ReadOnlySpan<byte> input, out long after, out int length)
    {
        (after, length) = (0, 0);
        if (!input.StartsWith(_head.AsSpan(0, _digits)) || !Utf8Parser.TryParse(input[_digits..], out ulong seq, out var count) || seq > long.MaxValue) return false;
        var rest = _head.AsSpan(_rest);
        if (!input[(_digits + count)..].StartsWith(rest)) return false;
        (after, length) = ((long)seq, _digits + count + rest.Length);
        return true;
    }
}
