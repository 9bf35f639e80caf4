using BenchmarkDotNet.Attributes;
using TaskFlow.Push.Transports;
using TaskFlow.Push.WorkspaceLogs;

namespace TaskFlow.Microbenchmarks;

/// <summary>The log's lane: one append per event.</summary>
[MemoryDiagnoser]
public class AppendBenchmarks
{
    private const int RingBytes = 4 * 1024 * 1024;
    private readonly byte[] _json = Sample.Json(1);
    private readonly Lane _lane = new(Framing.WebSocket, 1);
    private long _seq;

    [Benchmark(Description = "append to a full ring")]
    public void Append()
    {
        _lane.Append(++_seq, _json);
        _lane.Trim(RingBytes, 0);
    }
}

/// <summary>A cursor that is some frames behind: find its place and have all that waits, one span per segment.</summary>
[MemoryDiagnoser]
public class CursorBenchmarks
{
    private const int Events = 5_000;
    private readonly Lane _lane = new(Framing.WebSocket, 1);

    [Params(1, 100, 1_000)]
    public int Behind { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        var json = Sample.Json(1);
        for (var seq = 1; seq <= Events; seq++) _lane.Append(seq, json);
    }

    [Benchmark(Description = "seek and read up to the head")]
    public int Read()
    {
        _lane.TrySeek(Events - Behind, out var place);
        var (segment, offset) = place;
        var bytes = 0;
        for (Segment? current = segment; current is not null; (current, offset) = (current.Next, 0)) bytes += current.Slice(offset, current.End(current.Count)).Length;
        return bytes;
    }
}
