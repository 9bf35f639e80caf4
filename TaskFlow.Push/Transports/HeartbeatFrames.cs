using TaskFlow.Push.Connections;

namespace TaskFlow.Push.Transports;

/// <summary>The heartbeat of one log in one second, encoded once for all connections that are due. On a WebSocket a ping may ride along.</summary>
internal sealed class HeartbeatFrames(long head)
{
    private static readonly byte[] Ping = [0x89, 0x00];
    private byte[]? _json;
    private byte[]? _webSocket;
    private byte[]? _webSocketPing;
    private byte[]? _sse;
    private byte[]? _sseChunked;

    public byte[] Json => _json ??= Frames.Heartbeat(head);

    public byte[] In(Framing framing, bool ping) =>
        framing == Framing.SseChunked ? _sseChunked ??= framing.Encode(null, Json)
        : framing == Framing.Sse ? _sse ??= framing.Encode(null, Json)
        : ping ? _webSocketPing ??= [.. framing.Encode(null, Json), .. Ping]
        : _webSocket ??= framing.Encode(null, Json);
}
