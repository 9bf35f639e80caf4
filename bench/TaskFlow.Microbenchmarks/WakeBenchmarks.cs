using BenchmarkDotNet.Attributes;
using TaskFlow.Contracts;
using TaskFlow.Push.WorkspaceLogs;

namespace TaskFlow.Microbenchmarks;

/// <summary>
/// One event from the log to all connections of a workspace, up to the system call, which is left out. Allocations per delivery are the difference
/// between two numbers of connections, divided by it.
/// </summary>
[MemoryDiagnoser]
public class WakeBenchmarks
{
    private readonly byte[] _json = Sample.Json(1);
    private LoadedLog _loaded = null!;
    private long _seq;

    [Params(1, 100, 2_000)]
    public int Connections { get; set; }

    [Params(false, true)]
    public bool Compressed { get; set; }

    [GlobalSetup]
    public void Open() => _loaded = LoadedLog.OpenAsync(Connections, Compressed).GetAwaiter().GetResult();

    [GlobalCleanup]
    public void Close() => _loaded.DisposeAsync().AsTask().GetAwaiter().GetResult();

    [Benchmark(Description = "one event to all connections")]
    public void Deliver()
    {
        _loaded.Log.Offer([new LogEvent { WorkspaceId = Sample.Workspace, Seq = ++_seq, Type = EventTypes.TaskUpdated, Json = _json }], here: true);
        _loaded.WaitForSends(_seq * Connections);
    }
}
