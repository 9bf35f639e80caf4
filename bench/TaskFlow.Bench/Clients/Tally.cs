using System.Diagnostics;
using HdrHistogram;

namespace TaskFlow.Bench.Clients;

/// <summary>
/// What all subscribers of a run count together. Subscribers read on one thread (see <see cref="Readiness"/>), so nothing here is locked;
/// readers on other threads see counters a moment late, which does for progress and for waiting.
/// </summary>
internal sealed class Tally
{
    private static readonly long TicksPerMicrosecond = Math.Max(1, Stopwatch.Frequency / 1_000_000);
    private readonly long[] _sentAt;
    private readonly int _capacity;
    private long _readAt;
    private long _delivered;
    private long _latencySum;
    private long _doubled;
    private long _skipped;
    private readonly ManualResetEventSlim _reached = new(false, spinCount: 0);
    private long _awaited = long.MaxValue;
    private int _welcomed;
    private int _ended;

    /// <param name="firstSeq">The seq of the first measured event, in every room.</param>
    /// <param name="capacity">How many measured events there will be in a room at most.</param>
    /// <param name="rooms">How many rooms there are.</param>
    public Tally(long firstSeq = 1, int capacity = 0, int rooms = 1) => (FirstSeq, _capacity, _sentAt) = (firstSeq, capacity, new long[capacity * rooms]);

    public long FirstSeq { get; }

    /// <summary>Latencies from the moment noted by <see cref="Sent"/> to the client's read, in microseconds.</summary>
    public LongHistogram Latency { get; } = new(60_000_000, 3);

    /// <summary>The mean of <see cref="Latency"/>, microseconds.</summary>
    public double MeanLatency => (double)Volatile.Read(ref _latencySum) / Math.Max(1, Latency.TotalCount);

    public long Delivered => Volatile.Read(ref _delivered);

    /// <summary>Seqs that a client had already: must stay 0.</summary>
    public long Doubled => Volatile.Read(ref _doubled);

    /// <summary>Seqs that a client did not get before a later one: must stay 0.</summary>
    public long Skipped => Volatile.Read(ref _skipped);

    public int Welcomed => Volatile.Read(ref _welcomed);

    public int Ended => Volatile.Read(ref _ended);

    /// <summary>What a server said that refused a connection; null while none did.</summary>
    public string? Refusal { get; private set; }

    /// <summary>Notes that the event with that seq is on its way to that room from now on. One before <see cref="FirstSeq"/> is not measured.</summary>
    public void Sent(int room, long seq)
    {
        if (seq >= FirstSeq) Volatile.Write(ref _sentAt[(room * _capacity) + (seq - FirstSeq)], Stopwatch.GetTimestamp());
    }

    /// <summary>A client has read: what it finds in there came now. Once for each read, since asking for the time costs as much as finding an event.</summary>
    public void Read() => _readAt = Stopwatch.GetTimestamp();

    public void Welcome() => Interlocked.Increment(ref _welcomed);

    /// <summary>A connection came to its end, with what the server said if it refused.</summary>
    public void End(string? refusal)
    {
        Refusal ??= refusal;
        Interlocked.Increment(ref _ended);
    }

    /// <summary>Blocks until that many were delivered, or for the given time at most. By one thread at a time, which sleeps: one that spun would take the server's core.</summary>
    public void WaitFor(long delivered, TimeSpan atMost)
    {
        _reached.Reset();
        Volatile.Write(ref _awaited, delivered);
        Interlocked.MemoryBarrier();
        if (Delivered < delivered) _reached.Wait(atMost);
        Volatile.Write(ref _awaited, long.MaxValue);
    }

    /// <summary>A client of that room received a seq with the last <see cref="Read"/>; <paramref name="last"/> is its position.</summary>
    public void Received(int room, long seq, ref long last)
    {
        if (seq <= last)
        {
            _doubled++;
            return;
        }
        if (seq != last + 1) _skipped += seq - last - 1;
        last = seq;
        if (++_delivered >= Volatile.Read(ref _awaited) && !_reached.IsSet) _reached.Set();
        var index = seq - FirstSeq;
        if ((ulong)index < (ulong)_capacity && Volatile.Read(ref _sentAt[(room * _capacity) + index]) is > 0 and var sent)
        {
            var elapsed = Math.Clamp((_readAt - sent) / TicksPerMicrosecond, 0, 60_000_000);
            Latency.RecordValue(elapsed);
            _latencySum += elapsed;
        }
    }
}
