using System.Net.WebSockets;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using TaskFlow.Push.Tests.Support;
using TaskFlow.Testing;

namespace TaskFlow.Push.Tests;

/// <summary>permessage-deflate (RFC 7692): what is agreed on, and that nothing but the size of frames depends on it.</summary>
public sealed class CompressionTests(RedisServer redis) : PushTest(redis)
{
    private const string Deflate = "permessage-deflate";
    private const string Agreed = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

    protected override (string, string)[] Settings => [("Realtime:RingBytes", "32768")];

    [Theory]
    [InlineData(Agreed, Deflate)]
    [InlineData(Agreed, "permessage-deflate; client_max_window_bits")]
    [InlineData(Agreed, "permessage-deflate; client_max_window_bits=8")]
    [InlineData(Agreed, "permessage-deflate; client_max_window_bits=\"10\"")]
    [InlineData(Agreed, "permessage-deflate;client_no_context_takeover ; server_no_context_takeover;client_max_window_bits = 15")]
    [InlineData(Agreed + "; server_max_window_bits=15", "permessage-deflate; server_max_window_bits=15")]
    [InlineData(Agreed, "permessage-deflate; server_max_window_bits=10, permessage-deflate")]
    [InlineData(Agreed, "permessage-deflate; server_max_window_bits=10", Deflate)]
    [InlineData(Agreed + "; server_max_window_bits=15", "permessage-deflate; server_max_window_bits=15, permessage-deflate")]
    [InlineData(Agreed, "x-webkit-deflate-frame; no_context_takeover, , permessage-deflate")]
    [InlineData(null)]
    [InlineData(null, "")]
    [InlineData(null, "permessage-bzip2")]
    [InlineData(null, "permessage-deflate; server_max_window_bits")]
    [InlineData(null, "permessage-deflate; server_max_window_bits=8")]
    [InlineData(null, "permessage-deflate; server_max_window_bits=14")]
    [InlineData(null, "permessage-deflate; server_max_window_bits=16")]
    [InlineData(null, "permessage-deflate; client_max_window_bits=7")]
    [InlineData(null, "permessage-deflate; client_max_window_bits=16")]
    [InlineData(null, "permessage-deflate; client_max_window_bits=08")]
    [InlineData(null, "permessage-deflate; client_max_window_bits=x")]
    [InlineData(null, "permessage-deflate; server_no_context_takeover=true")]
    [InlineData(null, "permessage-deflate; client_no_context_takeover=1")]
    [InlineData(null, "permessage-deflate; client_no_context_takeover; client_no_context_takeover")]
    [InlineData(null, "permessage-deflate; client_max_window_bits; client_max_window_bits=10")]
    [InlineData(null, "permessage-deflate; unknown")]
    [InlineData(null, "permessage-deflate; client_max_window_bits=\"10")]
    [InlineData(null, "permessage-deflate; =10")]
    [InlineData(null, "permessage-deflate; client_max_window_bits=")]
    [InlineData(null, "permessage-deflate / server_no_context_takeover")]
    public async Task The_first_offer_that_can_be_taken_is_taken(string? expected, params string[] offers)
    {
        using var socket = await RawSocket.OpenAsync(Push.Address, Feed.CreateWorkspace(Ada), Feed.Token(Ada), offers: offers);
        Assert.Equal(expected, socket.Extensions);
        await socket.SendTextAsync("""{"type":"ping"}""");
        await socket.ReadJsonAsync("pong");
    }

    [Fact]
    public async Task Switched_off_it_is_never_agreed_on()
    {
        var instance = await StartAnotherAsync(("Realtime:Compression", "false"));
        using var socket = await RawSocket.OpenAsync(instance.Address, Feed.CreateWorkspace(Ada), Feed.Token(Ada), offers: Deflate);
        Assert.Null(socket.Extensions);
        await socket.SendCompressedAsync("""{"type":"ping"}""");
        Assert.Equal(1002, await socket.ReadCloseAsync());
    }

    [Fact]
    public async Task An_event_is_compressed_once_and_its_text_is_the_same_for_all()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        using var compressions = new Counted("taskflow.push.compressions", Push);
        var sockets = new List<RawSocket>();
        for (var i = 0; i < 4; i++) sockets.Add(await OpenRawAsync(workspace, compressed: i > 0));
        await AppendAsync(workspace, 20);
        var plain = await sockets[0].ReadEventsAsync(21);
        Assert.Equal(20, plain.Count);
        foreach (var socket in sockets[1..]) Assert.Equal(plain, await socket.ReadEventsAsync(21));
        Assert.Equal([0, 20, 20, 20], sockets.Select(socket => socket.CompressedMessages));
        Assert.Equal(20, compressions.Count);

        using var late = await OpenRawAsync(workspace, compressed: true, "after=11");
        Assert.Equal(plain[10..], await late.ReadEventsAsync(21));
        Assert.Equal(10, late.CompressedMessages);
        Assert.Equal(20, compressions.Count);
        foreach (var socket in sockets) socket.Dispose();
    }

    [Fact]
    public async Task Nothing_is_compressed_where_nobody_agreed_on_it()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        using var compressions = new Counted("taskflow.push.compressions", Push);
        using var plain = await OpenRawAsync(workspace, compressed: false);
        using (await OpenRawAsync(workspace, compressed: true)) { }
        var log = Push.Services.GetRequiredService<WorkspaceLogs.OpenLogs>().Find(workspace)!;
        await Deadline.UntilAsync("the compressing client has gone", () => Task.FromResult(log.Connections.Count == 1));
        await AppendAsync(workspace, 5);
        await plain.ReadEventsAsync(6);
        Assert.Equal(0, compressions.Count);
    }

    [Fact]
    public async Task Batches_on_resume_are_compressed_and_hold_the_same_events()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        for (var i = 0; i < 1_200; i++) Feed.Append(workspace);
        using (var holder = await OpenRawAsync(workspace, compressed: true)) await AppendAsync(workspace, 1);
        using var plain = await OpenRawAsync(workspace, compressed: false, "after=100");
        using var compressed = await OpenRawAsync(workspace, compressed: true, "after=100");
        var (expected, actual) = (await plain.ReadEventsAsync(1_202), await compressed.ReadEventsAsync(1_202));
        Assert.StartsWith("{\"type\":\"batch\"", expected[0], StringComparison.Ordinal);
        Assert.Equal(expected[0], actual[0]);
        Assert.Equal(Events(expected), Events(actual));
        Assert.InRange(compressed.CompressedMessages, 11, int.MaxValue);

        static IEnumerable<string> Events(IEnumerable<string> frames) =>
            frames.SelectMany(frame => RealtimeConnection.EventsOf(System.Text.Json.Nodes.JsonNode.Parse(frame)!)).Select(item => item.ToJsonString());
    }

    [Fact]
    public async Task A_slow_client_gets_compressed_frames_in_parts_and_loses_none()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        using var slow = await RawSocket.OpenAsync(Push.Address, workspace, Feed.Token(Ada), receiveBuffer: 4096, offers: Deflate);
        await using var quick = await OpenAsync(workspace);
        for (var i = 0; i < 300; i++) await Push.DeliverAsync(Feed.Append(workspace, payload: new { description = Convert.ToHexString(RandomNumberGenerator.GetBytes(8_000)) }));
        var expected = (await quick.EventsUntilAsync(301)).Select(item => item.ToJsonString());
        var actual = (await slow.ReadEventsAsync(301)).SelectMany(text => RealtimeConnection.EventsOf(System.Text.Json.Nodes.JsonNode.Parse(text)!)).Select(item => item.ToJsonString());
        Assert.Equal(expected, actual);
    }

    [Fact]
    public async Task Dotnets_own_client_agrees_and_is_understood_over_TLS_too()
    {
        using var certificate = new CertificateFile();
        var port = Ports.Free();
        var instance = await StartAnotherAsync(("TlsPort", $"{port}"), ("Kestrel:Certificates:Default:Path", certificate.Path), ("Kestrel:Certificates:Default:Password", CertificateFile.Password));
        var workspace = Feed.CreateWorkspace(Ada);
        using var compressions = new Counted("taskflow.push.compressions", instance);
        var connections = new List<WebSocketConnection>();
        foreach (var address in (Uri[])[instance.Address, new Uri($"https://127.0.0.1:{port}")])
        {
            foreach (var deflate in (bool[])[false, true])
            {
                var connection = await WebSocketConnection.OpenAsync(address, workspace, Feed.Token(Ada), configure: options =>
                {
                    options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
                    if (deflate) options.DangerousDeflateOptions = new WebSocketDeflateOptions();
                });
                await connection.NextAsync("welcome");
                await connection.SendAsync(new { type = "ping", @ref = new string('r', 200) });
                Assert.Equal(new string('r', 200), (await connection.NextAsync("pong")).Text("ref"));
                connections.Add(connection);
            }
        }
        for (var i = 0; i < 30; i++) await instance.DeliverAsync(Feed.Append(workspace, payload: new { description = Convert.ToHexString(RandomNumberGenerator.GetBytes(i * 100)) }));
        var expected = (await connections[0].EventsUntilAsync(31)).Select(item => item.ToJsonString()).ToList();
        foreach (var connection in connections[1..]) Assert.Equal(expected, (await connection.EventsUntilAsync(31)).Select(item => item.ToJsonString()));
        Assert.Equal(30, compressions.Count);
        foreach (var connection in connections) await connection.CloseAsync();
        foreach (var connection in connections) await connection.DisposeAsync();
    }

    private async Task<RawSocket> OpenRawAsync(Guid workspace, bool compressed, string query = "")
    {
        var socket = await RawSocket.OpenAsync(Push.Address, workspace, Feed.Token(Ada), query, offers: compressed ? [Deflate] : []);
        await socket.ReadJsonAsync("welcome");
        return socket;
    }
}
