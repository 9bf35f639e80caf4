using System.IO.Compression;
using System.Text;
using BenchmarkDotNet.Attributes;
using TaskFlow.Push.Telemetry;
using TaskFlow.Push.Transports;
using TaskFlow.Push.WorkspaceLogs;

namespace TaskFlow.Microbenchmarks;

/// <summary>What compression costs: once per event and instance, once per batch, and for each message of a client that compresses.</summary>
[MemoryDiagnoser]
public class CompressionBenchmarks
{
    private readonly PushTelemetry _telemetry = new();
    private readonly byte[] _event = Sample.Json(1);
    private readonly byte[] _batch = new Batch([.. Enumerable.Range(1, 100).Select(seq => LogEvent.Parse(Sample.Message(seq)))]).Json;
    private readonly byte[] _frame = new byte[64 * 1024];
    private readonly byte[] _text = new byte[(64 * 1024) + 1];
    private byte[] _fromClient = [];
    private byte[] _bomb = [];

    [GlobalSetup]
    public void Prepare()
    {
        _fromClient = Compress(Encoding.UTF8.GetBytes("{\"type\":\"presence.typing\",\"taskId\":\"0198f3e4-0000-7000-8000-000000000001\",\"typing\":true}"));
        _bomb = Compress(new byte[16 * 1024 * 1024]);
        Console.WriteLine($"// event: {_event.Length} bytes, compressed {MessageDeflate.WriteFrame(_frame, _event, _telemetry)}; batch of 100: {_batch.Length}, {MessageDeflate.WriteFrame(_frame, _batch, _telemetry)}");
    }

    [Benchmark(Description = "compress an event")]
    public int Event() => MessageDeflate.WriteFrame(_frame, _event, _telemetry);

    [Benchmark(Description = "compress a batch of 100 events")]
    public int Batch() => MessageDeflate.WriteFrame(_frame, _batch, _telemetry);

    [Benchmark(Description = "inflate a client's frame")]
    public int Inflate() => MessageDeflate.Inflate(_fromClient, _text);

    [Benchmark(Description = "refuse 16 KB that stand for 16 MB")]
    public int Refuse() => MessageDeflate.Inflate(_bomb, _text);

    private static byte[] Compress(byte[] bytes)
    {
        using var output = new MemoryStream();
        using var deflate = new DeflateStream(output, CompressionLevel.Optimal);
        deflate.Write(bytes);
        deflate.Flush();
        return output.ToArray()[..^4];
    }
}
