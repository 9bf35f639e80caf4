using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using TaskFlow.Testing;

namespace TaskFlow.Push.Tests.Support;

/// <summary>A WebSocket client that does whatever the test wants, byte by byte.</summary>
public sealed class RawSocket : IDisposable
{
    private readonly TcpClient _tcp = new();
    private NetworkStream _stream = null!;

    public static async Task<RawSocket> OpenAsync(Uri push, Guid workspace, string token, string query = "", int? receiveBuffer = null)
    {
        var socket = await ConnectAsync(push, receiveBuffer);
        await socket.WriteAsync(Encoding.ASCII.GetBytes(
            $"GET /realtime/{workspace}/ws?{query} HTTP/1.1\r\nHost: {push.Authority}\r\nAuthorization: Bearer {token}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
        var head = await socket.ReadHeadAsync();
        Assert.StartsWith("HTTP/1.1 101", head, StringComparison.Ordinal);
        Assert.Contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", head, StringComparison.Ordinal); // The example of RFC 6455, 1.3.
        return socket;
    }

    public static async Task<RawSocket> ConnectAsync(Uri push, int? receiveBuffer = null)
    {
        var socket = new RawSocket();
        if (receiveBuffer is { } size) socket._tcp.ReceiveBufferSize = size;
        await socket._tcp.ConnectAsync(push.Host, push.Port);
        socket._stream = socket._tcp.GetStream();
        return socket;
    }

    public Task WriteAsync(ReadOnlyMemory<byte> bytes) => _stream.WriteAsync(bytes).AsTask().WaitAsync(Deadline.Default);

    public async Task<string> ReadHeadAsync()
    {
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal)) head.Append((char)(await ReadAsync(1))[0]);
        return head.ToString();
    }

    /// <summary>Sends one masked frame.</summary>
    public Task SendAsync(int firstByte, byte[] payload, bool masked = true, long? claimedLength = null)
    {
        var length = claimedLength ?? payload.Length;
        var frame = new List<byte> { (byte)firstByte };
        var mask = masked ? 0x80 : 0;
        if (length < 126) frame.Add((byte)(mask | (int)length));
        else if (length <= ushort.MaxValue)
        {
            frame.Add((byte)(mask | 126));
            frame.AddRange([(byte)(length >> 8), (byte)length]);
        }
        else
        {
            frame.Add((byte)(mask | 127));
            var bytes = new byte[8];
            BinaryPrimitives.WriteInt64BigEndian(bytes, length);
            frame.AddRange(bytes);
        }
        byte[] key = [0x37, 0xFA, 0x21, 0x3D];
        if (masked) frame.AddRange(key);
        for (var i = 0; i < payload.Length; i++) frame.Add(masked ? (byte)(payload[i] ^ key[i & 3]) : payload[i]);
        return WriteAsync(frame.ToArray());
    }

    public Task SendTextAsync(string text) => SendAsync(0x81, Encoding.UTF8.GetBytes(text));

    /// <summary>The next frame from the server: opcode and payload.</summary>
    public async Task<(int Opcode, byte[] Payload)> ReadFrameAsync()
    {
        var header = await ReadAsync(2);
        Assert.Equal(0x80, header[0] & 0xF0); // Whole and without reserved bits.
        Assert.Equal(0, header[1] & 0x80); // A server does not mask.
        var length = header[1] switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(await ReadAsync(2)),
            127 => (int)BinaryPrimitives.ReadInt64BigEndian(await ReadAsync(8)),
            var small => small,
        };
        return (header[0] & 0x0F, await ReadAsync(length));
    }

    /// <summary>Reads on to a text frame of that type.</summary>
    public async Task<JsonNode> ReadJsonAsync(string type)
    {
        while (true)
        {
            var (opcode, payload) = await ReadFrameAsync();
            if (opcode == 8) Assert.Fail($"closed with {Code(payload)} before a {type} came");
            if (opcode == 1 && JsonNode.Parse(payload)! is var frame && (string?)frame["type"] == type) return frame;
        }
    }

    /// <summary>Reads on to the close frame and returns its code.</summary>
    public async Task<int> ReadCloseAsync()
    {
        while (true)
        {
            var (opcode, payload) = await ReadFrameAsync();
            if (opcode == 8) return Code(payload);
        }
    }

    /// <summary>Reads until the server ends the connection.</summary>
    public async Task ReadToEndAsync()
    {
        var buffer = new byte[4096];
        try { while (await _stream.ReadAsync(buffer).AsTask().WaitAsync(Deadline.Default) > 0) { } }
        catch (IOException) { }
    }

    public async Task<byte[]> ReadAsync(int count)
    {
        var bytes = new byte[count];
        await _stream.ReadExactlyAsync(bytes).AsTask().WaitAsync(Deadline.Default);
        return bytes;
    }

    public void EndOutput() => _tcp.Client.Shutdown(SocketShutdown.Send);

    public void Dispose() => _tcp.Dispose();

    private static int Code(byte[] payload) => payload.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(payload) : 1005;
}
