using TaskFlow.Bench.Setup;

namespace TaskFlow.Bench.Clients;

/// <summary>A Server-Sent Events stream that counts events.</summary>
internal sealed class SseSubscriber(Tally tally, Target target, long after) : Subscriber(tally, target, after)
{
    private readonly HttpDecoder _decoder = new();
    private readonly long _after = after;
    private bool _welcomed;

    protected override string FirstRequest() =>
        $"GET /realtime/{Target.Workspace}/sse?after={_after} HTTP/1.1\r\nHost: {Target.Host}:{Target.Port}\r\nAuthorization: Bearer {Target.Token}\r\nAccept: text/event-stream\r\n\r\n";

    protected override void OnBytes(ReadOnlySpan<byte> bytes) => _decoder.Read(bytes, OnBody, static () => { });

    private void OnBody(ReadOnlySpan<byte> piece)
    {
        if (_decoder.Status != 200) throw new BenchException($"SSE was answered with {_decoder.Status}");
        if (!_welcomed)
        {
            _welcomed = true;
            Welcomed();
        }
        Scan(piece);
    }
}
