using System.Text;
using TaskFlow.Push.Tests.Support;
using TaskFlow.Push.Transports;

namespace TaskFlow.Push.Tests;

/// <summary>Clients that agreed on compression and then break RFC 7692, or try to make the server pay for it.</summary>
public sealed class HostileCompressionTests(RedisServer redis) : PushTest(redis)
{
    private const string Ping = """{"type":"ping","ref":"compressed"}""";

    public static TheoryData<string, byte[], int> Violations => new()
    {
        { "RSV1 on a ping", Frame(0xC9, []), 1002 },
        { "RSV1 on a close", Frame(0xC8, [0x03, 0xE8]), 1002 },
        { "RSV1 on a continuation", [.. Frame(0x41, [1]), .. Frame(0xC0, [2])], 1002 },
        { "RSV1 on a continuation of an uncompressed message", [.. Frame(0x01, "{"u8), .. Frame(0xC0, "}"u8)], 1002 },
        { "RSV1 and RSV2", Frame(0xE1, RawSocket.Compress("{}"u8)), 1002 },
        { "RSV2 alone", Frame(0xA1, RawSocket.Compress("{}"u8)), 1002 },
        { "a compressed binary message", Frame(0xC2, RawSocket.Compress("{}"u8)), 1003 },
        { "a block of the reserved type", Frame(0xC1, [0x07]), 1007 },
        { "a stored block whose length is not confirmed", Frame(0xC1, [0x00, 0x05, 0x00, 0x00, 0x00, 1, 2, 3, 4, 5]), 1007 },
        { "a reference to an earlier message", Frame(0xC1, [0x02, 0x13, 0x00, 0x00]), 1007 },
        { "a compressed text that is not UTF-8", Frame(0xC1, RawSocket.Compress([0xC3, 0x28])), 1007 },
        { "one byte over 64 KB after inflation", Frame(0xC1, RawSocket.Compress(Padded((64 * 1024) + 1))), 1009 },
        { "32 MB after inflation", Frame(0xC1, RawSocket.Compress(new byte[32 * 1024 * 1024])), 1009 },
        { "over 64 KB before inflation", Frame(0xC1, new byte[(64 * 1024) + 1]), 1009 },
    };

    [Theory]
    [MemberData(nameof(Violations))]
    public async Task A_violation_is_answered_with_its_close_code(string violation, byte[] bytes, int expected)
    {
        Assert.NotEmpty(violation);
        using var socket = await OpenAsync();
        await socket.WriteAsync(bytes);
        Assert.Equal(expected, await socket.ReadCloseAsync());
        await socket.SendAsync(0x88, [0x03, 0xE8]);
        await socket.ReadToEndAsync();
    }

    [Fact]
    public async Task Compressed_messages_whole_or_in_fragments_and_plain_ones_are_all_read()
    {
        using var socket = await OpenAsync();
        await socket.SendCompressedAsync(Ping);
        Assert.Equal("compressed", (string?)(await socket.ReadJsonAsync("pong"))["ref"]);

        var payload = RawSocket.Compress(Encoding.UTF8.GetBytes(Ping));
        await socket.SendAsync(0x41, payload[..5]); // RSV1 on the first only; control frames and empty fragments in between.
        await socket.SendAsync(0x89, "abc"u8.ToArray());
        await socket.SendAsync(0x00, []);
        await socket.SendAsync(0x00, payload[5..9]);
        await socket.SendAsync(0x80, payload[9..]);
        Assert.Equal("compressed", (string?)(await socket.ReadJsonAsync("pong"))["ref"]);

        await socket.SendAsync(0x01, Encoding.UTF8.GetBytes(Ping[..8]));
        await socket.SendAsync(0x80, Encoding.UTF8.GetBytes(Ping[8..]));
        await socket.ReadJsonAsync("pong");
        await socket.SendTextAsync(Ping);
        await socket.ReadJsonAsync("pong");
    }

    [Fact]
    public async Task Exactly_64_KB_after_inflation_are_taken()
    {
        using var socket = await OpenAsync();
        await socket.SendAsync(0xC1, RawSocket.Compress(Padded(64 * 1024)));
        await socket.ReadJsonAsync("pong");
    }

    [Fact]
    public async Task A_message_that_ends_with_a_last_block_is_read()
    {
        // RFC 7692, 7.2.3.5: some compressors end each message with a block that says it is the last.
        using var output = new MemoryStream();
        using (var deflate = new System.IO.Compression.DeflateStream(output, System.IO.Compression.CompressionLevel.Optimal, leaveOpen: true)) deflate.Write(Encoding.UTF8.GetBytes(Ping));
        using var socket = await OpenAsync();
        await socket.SendAsync(0xC1, [.. output.ToArray(), 0x00]);
        await socket.ReadJsonAsync("pong");
    }

    [Fact]
    public async Task What_is_no_frame_counts_as_a_bad_frame_after_inflation_too()
    {
        using var socket = await OpenAsync();
        for (var i = 0; i < 5; i++) await socket.SendCompressedAsync("no JSON");
        Assert.Equal(4400, await socket.ReadCloseAsync());
    }

    [Fact]
    public async Task Messages_over_the_rate_are_refused_unread()
    {
        using var socket = await OpenAsync();
        // Invalid, which would end the connection if anybody looked.
        var bad = Frame(0xC1, [0x07]);
        var pings = Enumerable.Repeat(Frame(0xC1, RawSocket.Compress(Encoding.UTF8.GetBytes(Ping))), 200).SelectMany(frame => frame);
        await socket.WriteAsync((byte[])[.. pings, .. bad]);
        var refused = await socket.ReadJsonAsync("error");
        Assert.Equal("rate_limited", (string?)refused["code"]);
        Assert.Null(refused["ref"]);
    }

    [Fact]
    public void No_more_is_inflated_than_was_asked_for()
    {
        var bomb = RawSocket.Compress(new byte[16 * 1024 * 1024]);
        var output = new byte[100];
        Assert.Equal(100, MessageDeflate.Inflate(bomb, output));
    }

    private Task<RawSocket> OpenAsync() => RawSocket.OpenAsync(Push.Address, Feed.CreateWorkspace(Ada), Feed.Token(Ada), offers: "permessage-deflate");

    /// <summary>A ping of that size.</summary>
    private static byte[] Padded(int size) => Encoding.UTF8.GetBytes("""{"type":"ping"}""".PadRight(size));

    /// <summary>A frame masked with zeros.</summary>
    private static byte[] Frame(byte first, ReadOnlySpan<byte> payload)
    {
        byte[] length = payload.Length < 126 ? [(byte)(0x80 | payload.Length)]
            : payload.Length <= ushort.MaxValue ? [0xFE, (byte)(payload.Length >> 8), (byte)payload.Length]
            : [0xFF, 0, 0, 0, 0, (byte)(payload.Length >> 24), (byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length];
        return [first, .. length, 0, 0, 0, 0, .. payload];
    }
}
