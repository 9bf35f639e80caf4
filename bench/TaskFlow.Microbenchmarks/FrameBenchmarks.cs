using BenchmarkDotNet.Attributes;
using TaskFlow.Push.Transports;
using TaskFlow.Push.WorkspaceLogs;

namespace TaskFlow.Microbenchmarks;

/// <summary>From the message to the bytes on the wire: once per event and instance.</summary>
[MemoryDiagnoser]
public class FrameBenchmarks
{
    private readonly byte[] _message = Sample.Message(1);
    private readonly byte[] _json = Sample.Json(1);
    private readonly byte[] _buffer = new byte[4096];

    [Benchmark(Description = "read a message, cut the frame out")]
    public object Read() => LogEvent.Parse(_message);

    [Benchmark(Description = "encode for WebSocket")]
    public void WebSocket() => Framing.WebSocket.Write(_buffer, 1, _json);

    [Benchmark(Description = "encode for an event stream")]
    public void EventStream() => Framing.SseChunked.Write(_buffer, 1, _json);
}
