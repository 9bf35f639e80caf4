using System.Text;
using TaskFlow.Push.Tests.Support;
using TaskFlow.Testing;

namespace TaskFlow.Push.Tests;

/// <summary>Clients that break RFC 6455, section by section, and clients that only hold on. After each, the instance serves others as before.</summary>
public sealed class HostileClientTests(RedisServer redis) : PushTest(redis)
{
    public static TheoryData<string, byte[], int> Violations => new()
    {
        { "5.1: an unmasked frame", [0x81, 0x02, 0x7B, 0x7D], 1002 },
        { "5.2: RSV1 without an extension", [0xC1, 0x80, 1, 2, 3, 4], 1002 },
        { "5.2: RSV2", [0xA1, 0x80, 1, 2, 3, 4], 1002 },
        { "5.2: RSV3", [0x91, 0x80, 1, 2, 3, 4], 1002 },
        { "5.2: opcode 3", [0x83, 0x80, 1, 2, 3, 4], 1002 },
        { "5.2: opcode 7", [0x87, 0x80, 1, 2, 3, 4], 1002 },
        { "5.2: opcode 11", [0x8B, 0x80, 1, 2, 3, 4], 1002 },
        { "5.2: opcode 15", [0x8F, 0x80, 1, 2, 3, 4], 1002 },
        { "5.2: a length with its highest bit set", [0x81, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4], 1002 },
        { "5.4: a continuation of nothing", [0x80, 0x80, 1, 2, 3, 4], 1002 },
        { "5.4: a new message inside one", [0x01, 0x80, 1, 2, 3, 4, 0x81, 0x80, 1, 2, 3, 4], 1002 },
        { "5.5: a fragmented ping", [0x09, 0x80, 1, 2, 3, 4], 1002 },
        { "5.5: a ping of 126 bytes", [0x89, 0xFE, 0x00, 0x7E, 1, 2, 3, 4], 1002 },
        { "5.5.1: a close of one byte", [0x88, 0x81, 0, 0, 0, 0, 0x03], 1002 },
        { "7.4.1: a close code that must not be sent (1005)", [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xED], 1002 },
        { "7.4.2: a close code below 1000", [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xE7], 1002 },
        { "5.6: a binary frame", [0x82, 0x81, 0, 0, 0, 0, 0x7B], 1003 },
        { "8.1: a text that is not UTF-8", [0x81, 0x82, 0, 0, 0, 0, 0xC3, 0x28], 1007 },
        { "8.1: a surrogate in UTF-8", [0x81, 0x83, 0, 0, 0, 0, 0xED, 0xA0, 0x80], 1007 },
        { "5.2: 4 GB announced", [0x81, 0xFF, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4], 1009 },
    };

    [Theory]
    [MemberData(nameof(Violations))]
    public async Task A_violation_is_answered_with_its_close_code(string violation, byte[] bytes, int expected)
    {
        Assert.NotEmpty(violation);
        var workspace = Feed.CreateWorkspace(Ada);
        using var socket = await RawSocket.OpenAsync(Push.Address, workspace, Feed.Token(Ada));
        await socket.WriteAsync(bytes);
        Assert.Equal(expected, await socket.ReadCloseAsync());
        await socket.SendAsync(0x88, [0x03, 0xE8]);
        await socket.ReadToEndAsync();
    }

    [Fact]
    public async Task Fragments_with_control_frames_between_them_make_one_message()
    {
        using var socket = await RawSocket.OpenAsync(Push.Address, Feed.CreateWorkspace(Ada), Feed.Token(Ada));
        await socket.SendAsync(0x01, """{"type":"pi"""u8.ToArray());
        await socket.SendAsync(0x89, "abc"u8.ToArray());
        await socket.SendAsync(0x00, []);
        await socket.SendAsync(0x00, [.. "ng\",\"ref\":\""u8, 0xC3]);
        await socket.SendAsync(0x80, [0xA9, .. "\"}"u8]); // The é in two fragments.
        var pong = await socket.ReadJsonAsync("pong");
        Assert.Equal("é", pong.Text("ref"));
    }

    [Fact]
    public async Task A_ping_is_answered_with_its_payload()
    {
        using var socket = await RawSocket.OpenAsync(Push.Address, Feed.CreateWorkspace(Ada), Feed.Token(Ada));
        await socket.SendAsync(0x89, Encoding.ASCII.GetBytes(new string('p', 125)));
        while (true)
        {
            var (opcode, payload) = await socket.ReadFrameAsync();
            if (opcode != 10) continue;
            Assert.Equal(new string('p', 125), Encoding.ASCII.GetString(payload));
            break;
        }
    }

    [Fact]
    public async Task A_frame_may_come_byte_by_byte_or_many_in_one_packet()
    {
        using var socket = await RawSocket.OpenAsync(Push.Address, Feed.CreateWorkspace(Ada), Feed.Token(Ada));
        byte[] ping = [0x81, 0x8F, 0, 0, 0, 0, .. """{"type":"ping"}"""u8];
        foreach (var value in ping) await socket.WriteAsync(new[] { value });
        await socket.ReadJsonAsync("pong");
        await socket.WriteAsync(Enumerable.Repeat(ping, 10).SelectMany(bytes => bytes).ToArray());
        for (var i = 0; i < 10; i++) await socket.ReadJsonAsync("pong");
    }

    [Fact]
    public async Task A_fragmented_message_over_64_KB_is_1009()
    {
        using var socket = await RawSocket.OpenAsync(Push.Address, Feed.CreateWorkspace(Ada), Feed.Token(Ada));
        await socket.SendAsync(0x01, new byte[40_000]);
        await socket.SendAsync(0x00, new byte[40_000]);
        Assert.Equal(1009, await socket.ReadCloseAsync());
    }

    [Fact]
    public async Task Any_number_of_frames_behind_a_close_is_passed_over()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        using var socket = await RawSocket.ConnectAsync(Push.Address);
        var handshake = $"GET /realtime/{workspace}/ws?after=999999999 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {Feed.Token(Ada)}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        // Five frames without a type are too many bad ones. All of it is there before the first is read, since that seq has the Api asked first.
        byte[] bad = [0x81, 0x82, 0, 0, 0, 0, .. "{}"u8], empty = [0x81, 0x80, 0, 0, 0, 0];
        await socket.WriteAsync((byte[])[.. Encoding.ASCII.GetBytes(handshake), .. Enumerable.Repeat(bad, 5).Concat(Enumerable.Repeat(empty, 150_000)).SelectMany(bytes => bytes)]);
        Assert.StartsWith("HTTP/1.1 101", await socket.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.Equal(4400, await socket.ReadCloseAsync());
        await socket.SendAsync(0x88, [0x03, 0xE8]);
        await socket.ReadToEndAsync();
        await using var next = await OpenAsync(workspace);
        await AppendAsync(workspace, 1);
        await next.EventsUntilAsync(2);
    }

    [Fact]
    public async Task A_close_is_echoed_and_the_connection_ends()
    {
        using var socket = await RawSocket.OpenAsync(Push.Address, Feed.CreateWorkspace(Ada), Feed.Token(Ada));
        await socket.SendAsync(0x88, [0x0F, 0xA0, .. "bye"u8]);
        Assert.Equal(4000, await socket.ReadCloseAsync());
        await socket.ReadToEndAsync();
    }

    [Fact]
    public async Task A_flood_of_pings_ends_with_4429()
    {
        using var socket = await RawSocket.OpenAsync(Push.Address, Feed.CreateWorkspace(Ada), Feed.Token(Ada));
        var reading = socket.ReadCloseAsync();
        try
        {
            while (!reading.IsCompleted)
            {
                for (var i = 0; i < 50; i++) await socket.SendAsync(0x89, []);
                await Task.Delay(100);
            }
        }
        catch (IOException) { }
        Assert.Equal(4429, await reading);
    }

    [Theory]
    [InlineData("Sec-WebSocket-Version: 12\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")]
    [InlineData("Sec-WebSocket-Version: 13\r\n")]
    [InlineData("Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c2hvcnQ=\r\n")]
    public async Task A_handshake_that_is_none_is_refused(string headers)
    {
        using var socket = await RawSocket.ConnectAsync(Push.Address);
        await socket.WriteAsync(Encoding.ASCII.GetBytes($"GET /realtime/{Feed.CreateWorkspace(Ada)}/ws?access_token={Feed.Token(Ada)} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n{headers}\r\n"));
        Assert.StartsWith("HTTP/1.1 426", await socket.ReadHeadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handshake_drop_by_drop_is_given_up()
    {
        using var socket = await RawSocket.ConnectAsync(Push.Address);
        await socket.WriteAsync("GET /realtime/"u8.ToArray());
        var reading = socket.ReadToEndAsync();
        try
        {
            while (!reading.IsCompleted)
            {
                await socket.WriteAsync("x"u8.ToArray());
                await Task.Delay(250);
            }
        }
        catch (IOException) { }
        await reading.WaitAsync(Deadline.Default);
    }

    [Fact]
    public async Task Connections_that_vanish_or_half_close_are_cleaned_up()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        var halfOpen = await RawSocket.OpenAsync(Push.Address, workspace, Feed.Token(Ada));
        halfOpen.EndOutput();
        await halfOpen.ReadToEndAsync();
        for (var i = 0; i < 20; i++)
        {
            using var socket = await RawSocket.OpenAsync(Push.Address, workspace, Feed.Token(Ada));
            await socket.WriteAsync(new byte[] { 0x81, 0xFE });
        }
        var logs = (WorkspaceLogs.OpenLogs)Push.Services.GetService(typeof(WorkspaceLogs.OpenLogs))!;
        await Deadline.UntilAsync("all were cleaned up", () => Task.FromResult(logs.Find(workspace)?.Connections.Count is 0 or null));
        await using var next = await OpenAsync(workspace);
        await AppendAsync(workspace, 1);
        await next.EventsUntilAsync(2);
        Assert.DoesNotContain(Push.Log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal) || line.StartsWith("Critical", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Bytes_sent_with_the_handshake_are_not_lost()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        using var socket = await RawSocket.ConnectAsync(Push.Address);
        byte[] ping = [0x81, 0x8F, 0, 0, 0, 0, .. """{"type":"ping"}"""u8];
        await socket.WriteAsync((byte[])[.. Encoding.ASCII.GetBytes($"GET /realtime/{workspace}/ws?access_token={Feed.Token(Ada)} HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"), .. ping]);
        Assert.StartsWith("HTTP/1.1 101", await socket.ReadHeadAsync(), StringComparison.Ordinal);
        await socket.ReadJsonAsync("pong");
    }
}
