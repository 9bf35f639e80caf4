using System.Buffers.Binary;
using System.IO.Compression;
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
    private bool _compressed;

    /// <summary>How many compressed messages came.</summary>
    public int CompressedMessages { get; private set; }

    /// <summary>What the server answered to the offer of extensions; null when it took none.</summary>
    public string? Extensions { get; private set; }

    public static async Task<RawSocket> OpenAsync(Uri push, Guid workspace, string token, string query = "", int? receiveBuffer = null, params string[] offers)
    {
        var socket = await ConnectAsync(push, receiveBuffer);
        await socket.WriteAsync(Encoding.ASCII.GetBytes(
            $"GET /realtime/{workspace}/ws?{query} HTTP/1.1\r\nHost: {push.Authority}\r\nAuthorization: Bearer {token}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + string.Concat(offers.Select(offer => $"Sec-WebSocket-Extensions: {offer}\r\n"))
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
        var head = await socket.ReadHeadAsync();
        Assert.StartsWith("HTTP/1.1 101", head, StringComparison.Ordinal);
        Assert.Contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", head, StringComparison.Ordinal); // The example of RFC 6455, 1.3.
        const string header = "Sec-WebSocket-Extensions: ";
        socket.Extensions = head.Split("\r\n").SingleOrDefault(line => line.StartsWith(header, StringComparison.OrdinalIgnoreCase))?[header.Length..];
        socket._compressed = socket.Extensions is not null;
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

    /// <summary>One whole answer with its JSON.</summary>
    public async Task<(string Head, JsonNode Json)> ReadAnswerAsync()
    {
        const string header = "\r\nContent-Length: ";
        var head = await ReadHeadAsync();
        if (head.Contains("\r\nTransfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase)) return (head, JsonNode.Parse(await ReadChunksAsync())!);
        var start = head.IndexOf(header, StringComparison.OrdinalIgnoreCase) + header.Length;
        var length = int.Parse(head.AsSpan(start, head.IndexOf('\r', start) - start), System.Globalization.CultureInfo.InvariantCulture);
        return (head, JsonNode.Parse(await ReadAsync(length))!);
    }

    private async Task<byte[]> ReadChunksAsync()
    {
        var body = new List<byte>();
        while (true)
        {
            var size = "";
            while (!size.EndsWith("\r\n", StringComparison.Ordinal)) size += (char)(await ReadAsync(1))[0];
            var chunk = await ReadAsync(Convert.ToInt32(size.Trim(), 16));
            await ReadAsync(2);
            if (chunk.Length == 0) return [.. body];
            body.AddRange(chunk);
        }
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

    /// <summary>Sends a text as one compressed message.</summary>
    public Task SendCompressedAsync(string text) => SendAsync(0xC1, Compress(Encoding.UTF8.GetBytes(text)));

    /// <summary>The payload of a compressed message.</summary>
    public static byte[] Compress(ReadOnlySpan<byte> bytes)
    {
        using var output = new MemoryStream();
        using var deflate = new DeflateStream(output, CompressionLevel.Optimal);
        deflate.Write(bytes);
        deflate.Flush();
        return output.ToArray()[..^4];
    }

    /// <summary>The next frame from the server: opcode and payload, which is read if it was compressed.</summary>
    public async Task<(int Opcode, byte[] Payload)> ReadFrameAsync()
    {
        var header = await ReadAsync(2);
        var compressed = _compressed && (header[0] & 0x0F) == 1 && (header[0] & 0x40) != 0;
        Assert.Equal(compressed ? 0xC0 : 0x80, header[0] & 0xF0); // Whole and without reserved bits that were not agreed on.
        Assert.Equal(0, header[1] & 0x80); // A server does not mask.
        var length = header[1] switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(await ReadAsync(2)),
            127 => (int)BinaryPrimitives.ReadInt64BigEndian(await ReadAsync(8)),
            var small => small,
        };
        var payload = await ReadAsync(length);
        return (header[0] & 0x0F, compressed ? Decompress(payload) : payload);
    }

    /// <summary>The texts of the next event frames, up to the one with that seq.</summary>
    public async Task<List<string>> ReadEventsAsync(long lastSeq)
    {
        var texts = new List<string>();
        while (true)
        {
            var (opcode, payload) = await ReadFrameAsync();
            if (opcode != 1) continue;
            var events = RealtimeConnection.EventsOf(JsonNode.Parse(payload)!).ToList();
            if (events.Count == 0) continue;
            texts.Add(Encoding.UTF8.GetString(payload));
            if (events[^1].Number("seq") == lastSeq) return texts;
        }
    }

    /// <summary>With nothing but this message to go by: a server that referred to an earlier one would be found out.</summary>
    private byte[] Decompress(byte[] payload)
    {
        CompressedMessages++;
        using var output = new MemoryStream();
        using var inflate = new DeflateStream(new MemoryStream([.. payload, 0x00, 0x00, 0xFF, 0xFF]), CompressionMode.Decompress);
        inflate.CopyTo(output);
        return output.ToArray();
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
