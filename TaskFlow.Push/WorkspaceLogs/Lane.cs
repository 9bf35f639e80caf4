using TaskFlow.Push.Telemetry;
using TaskFlow.Push.Transports;

namespace TaskFlow.Push.WorkspaceLogs;

/// <summary>
/// A stretch of a lane: frames one behind the other, so that all that waits for a reader is one span. Bytes are only ever added, and a
/// segment is dropped, never reused: a slow socket may still be sending from it.
/// </summary>
internal class Segment(int bytes, int events, long firstSeq)
{
    /// <summary>What a dropped segment is linked to, so that a slow reader cannot keep all that came after it in memory.</summary>
    public static readonly Segment Lost = new(0, 0, 0);

    private readonly byte[] _bytes = new byte[bytes];
    private readonly int[] _ends = new int[events];
    private int _count;
    private volatile Segment? _next;
    private volatile CompressedSegment? _compressed;

    public long FirstSeq => firstSeq;
    public int Capacity => _bytes.Length;
    public int MaxCount => _ends.Length;
    public virtual int Count => Written;
    public virtual Segment? Next => _next;

    /// <summary>How much it costs to have its frames compressed too.</summary>
    public int CompressedCapacity => _compressed?.Capacity ?? 0;

    /// <summary>How many frames are in it already.</summary>
    protected int Written => Volatile.Read(ref _count);

    /// <summary>Where the first <paramref name="count"/> frames end.</summary>
    public int End(int count) => count == 0 ? 0 : _ends[count - 1];

    /// <summary>How many whole frames lie before that offset.</summary>
    public int CountAt(int offset)
    {
        var index = Array.BinarySearch(_ends, 0, Written, offset);
        return index >= 0 ? index + 1 : ~index;
    }

    public ReadOnlyMemory<byte> Slice(int start, int end) => _bytes.AsMemory(start, end - start);

    /// <summary>The frame with that index.</summary>
    public ReadOnlyMemory<byte> Frame(int index) => Slice(End(index), End(index + 1));

    /// <summary>The same frames for connections that agreed on compression; made when the first of them comes by.</summary>
    public CompressedSegment Compressed(PushTelemetry telemetry)
    {
        if (_compressed is { } made) return made;
        lock (_ends) return _compressed ??= new CompressedSegment(this, telemetry);
    }

    public bool TryAppend(Framing framing, long seq, ReadOnlySpan<byte> json)
    {
        var (start, length) = (End(_count), framing.Measure(seq, json.Length));
        if (_count == _ends.Length || start + length > _bytes.Length) return false;
        framing.Write(_bytes.AsSpan(start, length), seq, json);
        Commit(length);
        return true;
    }

    /// <summary>Where the next frame goes; to be followed by <see cref="Commit"/>.</summary>
    protected Span<byte> Free => _bytes.AsSpan(End(_count));

    /// <summary>A frame of that length lies in <see cref="Free"/>: readers may have it.</summary>
    protected void Commit(int length)
    {
        _ends[_count] = End(_count) + length;
        Volatile.Write(ref _count, _count + 1);
    }

    public void Link(Segment next) => _next = next;
}

/// <summary>Where a reader stands in a lane.</summary>
internal readonly record struct LanePosition(Segment Segment, int Offset)
{
    /// <summary>The same place among the compressed frames. Takes a moment, so not under the log's lock.</summary>
    public LanePosition Compressed(PushTelemetry telemetry)
    {
        var compressed = Segment.Compressed(telemetry);
        return new LanePosition(compressed, compressed.Seek(Segment.CountAt(Offset)));
    }
}

/// <summary>
/// The log in one wire format: every frame is encoded once and lies ready for all connections of that transport. Written under the log's
/// lock; read without one.
/// </summary>
internal sealed class Lane
{
    private const int SmallestSegment = 4 * 1024;
    private const int LargestSegment = 64 * 1024;
    private readonly Framing _framing;
    private Segment _first;
    private Segment _tail;
    private long _bytes;

    public Lane(Framing framing, long nextSeq)
    {
        _framing = framing;
        _first = _tail = new Segment(SmallestSegment, Events(SmallestSegment), nextSeq);
        _bytes = SmallestSegment;
    }

    public Framing Framing => _framing;

    /// <summary>The oldest seq that is still here; one above the newest when there is none.</summary>
    public long FirstSeq => _first.FirstSeq;

    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>What the compressed frames take besides.</summary>
    public long CompressedBytes
    {
        get
        {
            var bytes = 0L;
            for (var segment = _first; segment is not null; segment = segment.Next) bytes += segment.CompressedCapacity;
            return bytes;
        }
    }

    public void Append(long seq, ReadOnlySpan<byte> json)
    {
        if (_tail.TryAppend(_framing, seq, json)) return;
        var size = Math.Max(Math.Min(_tail.Capacity * 2, LargestSegment), _framing.Measure(seq, json.Length));
        var segment = new Segment(size, Events(size), seq);
        segment.TryAppend(_framing, seq, json);
        _tail.Link(segment);
        _tail = segment;
        _bytes += size;
    }

    /// <summary>Where to read on behind that seq; false when what follows it is no longer (or not yet) here.</summary>
    public bool TrySeek(long afterSeq, out LanePosition position)
    {
        position = default;
        if (afterSeq < _first.FirstSeq - 1) return false;
        for (var segment = _first; segment is not null; segment = segment.Next)
        {
            var count = segment.Count;
            if (afterSeq >= segment.FirstSeq + count && segment.Next is not null) continue;
            var skip = (int)(afterSeq + 1 - segment.FirstSeq);
            if (skip > count) return false;
            position = new LanePosition(segment, segment.End(skip));
            return true;
        }
        return false;
    }

    /// <summary>The events behind that seq as the JSON they were made of; for the WebSocket lane, whose frames are a short header and the JSON.</summary>
    public List<(long Seq, ReadOnlyMemory<byte> Json)> ReadJson(long afterSeq, int limit)
    {
        var found = new List<(long, ReadOnlyMemory<byte>)>();
        for (var segment = _first; segment is not null && found.Count < limit; segment = segment.Next)
        {
            var count = segment.Count;
            for (var i = (int)Math.Max(0, afterSeq + 1 - segment.FirstSeq); i < count && found.Count < limit; i++)
            {
                found.Add((segment.FirstSeq + i, Framing.TextOf(segment.Frame(i))));
            }
        }
        return found;
    }

    /// <summary>Drops whole segments until it holds no more than that many bytes, or as long as all their events are older than that seq.</summary>
    public void Trim(long maxBytes, long beforeSeq)
    {
        while (_first.Next is { } next && (_bytes > maxBytes || next.FirstSeq <= beforeSeq))
        {
            _bytes -= _first.Capacity;
            _first.Link(Segment.Lost);
            _first = next;
        }
    }

    private static int Events(int bytes) => bytes / 160 + 8;
}
