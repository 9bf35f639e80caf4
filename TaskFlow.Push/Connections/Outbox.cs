using System.Buffers;
using TaskFlow.Push.Transports;

namespace TaskFlow.Push.Connections;

/// <summary>Bytes for one client alone (welcome, errors, presence, batches), encoded and waiting. Exists only while there are any.</summary>
internal sealed class Outbox
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(512);
    private int _start;
    private int _end;

    public int Length => _end - _start;
    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(_start, Length);

    public void Add(Framing framing, long? id, ReadOnlySpan<byte> json)
    {
        var length = framing.Measure(id, json.Length);
        framing.Write(Reserve(length), id, json);
        _end += length;
    }

    public void Add(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        _end += bytes.Length;
    }

    public void Consume(int count) => _start += count;

    public void Release()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        (_start, _end) = (0, 0);
    }

    private Span<byte> Reserve(int length)
    {
        if (_buffer.Length - _end < length)
        {
            // Not given back to the pool: a socket may still be sending from it.
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(Length + length, Length * 2));
            _buffer.AsSpan(_start, Length).CopyTo(larger);
            (_buffer, _end, _start) = (larger, Length, 0);
        }
        return _buffer.AsSpan(_end, length);
    }
}
