using System.Runtime.CompilerServices;

namespace TaskFlow.Bench.Clients;

/// <summary>
/// Finds every <c>"seq":N</c> in a stream of bytes, whatever the cuts between the pieces, without parsing JSON: a bench that parses what it only
/// counts measures itself. Nothing that the bench writes contains that text elsewhere.
/// </summary>
internal struct SeqScanner
{
    private const int KeyLength = 6;
    private static ReadOnlySpan<byte> Key => "\"seq\":"u8;

    private Carry _carry;
    private int _carried;

    /// <summary>Reads a piece; calls the sink with each number that is complete (the byte behind it has been seen).</summary>
    public void Read<TSink>(ReadOnlySpan<byte> piece, TSink sink) where TSink : ISeqSink
    {
        if (_carried > 0)
        {
            // Join what was left with enough of this piece to finish a key and a number.
            Span<byte> joined = stackalloc byte[Carry.Size * 2];
            Span<byte> carry = _carry;
            carry[.._carried].CopyTo(joined);
            var taken = Math.Min(piece.Length, Carry.Size);
            piece[..taken].CopyTo(joined[_carried..]);
            var length = _carried + taken;
            var consumed = Scan(joined[..length], sink);
            if (taken == piece.Length)
            {
                Keep(joined[consumed..length]);
                return;
            }
            piece = consumed > _carried ? piece[(consumed - _carried)..] : piece;
            _carried = 0;
        }
        Keep(piece[Scan(piece, sink)..]);
    }

    /// <summary>Returns how many bytes are done with: what follows may be the beginning of a key or number.</summary>
    private static int Scan<TSink>(ReadOnlySpan<byte> text, TSink sink) where TSink : ISeqSink
    {
        var position = 0;
        while (true)
        {
            var found = text[position..].IndexOf(Key);
            if (found < 0) return Math.Max(position, text.Length - (KeyLength - 1));
            var start = position + found;
            var index = start + KeyLength;
            long seq = 0;
            while (index < text.Length && (uint)(text[index] - '0') <= 9) seq = (seq * 10) + (text[index++] - '0');
            if (index == text.Length) return start;
            sink.OnSeq(seq);
            position = index;
        }
    }

    private void Keep(ReadOnlySpan<byte> rest)
    {
        if (rest.Length > Carry.Size) rest = rest[^Carry.Size..];
        rest.CopyTo(_carry);
        _carried = rest.Length;
    }

    [InlineArray(Size)]
    private struct Carry
    {
        public const int Size = 32;
        private byte _first;
    }
}

/// <summary>Receives the numbers that <see cref="SeqScanner"/> finds.</summary>
internal interface ISeqSink
{
    void OnSeq(long seq);
}
