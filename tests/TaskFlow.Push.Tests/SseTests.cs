using System.Net;
using System.Net.Http.Headers;
using System.Text;
using TaskFlow.Contracts;
using TaskFlow.Push.Tests.Support;
using TaskFlow.Testing;

namespace TaskFlow.Push.Tests;

/// <summary>The event stream: its format on the wire, and how a browser resumes.</summary>
public sealed class SseTests(RedisServer redis) : PushTest(redis)
{
    [Fact]
    public async Task Events_carry_their_seq_as_id_and_frames_without_one_carry_none()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        using var client = Push.CreateClient(Feed.Token(Ada));
        using var response = await client.GetAsync($"/realtime/{workspace}/sse?after=0", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains("no-cache", response.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        await AppendAsync(workspace, 1);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var items = new List<string[]>();
        while (items.Count < 3)
        {
            var lines = new List<string>();
            while (await reader.ReadLineAsync().WaitAsync(Deadline.Default) is { Length: > 0 } line) lines.Add(line);
            items.Add([.. lines]);
        }
        Assert.Equal("event: message", items[0][0]);
        Assert.StartsWith("data: {\"type\":\"welcome\"", items[0][1], StringComparison.Ordinal);
        Assert.Equal(["id: 1", "event: message"], items[1][..2]);
        Assert.Equal(["id: 2", "event: message"], items[2][..2]);
    }

    [Fact]
    public async Task Last_Event_ID_beats_the_after_of_the_address()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        for (var i = 0; i < 9; i++) Feed.Append(workspace);
        await using var stream = await SseConnection.OpenAsync(Push.Address, workspace, Feed.Token(Ada), "after=2", lastEventId: "7");
        Assert.Equal([8, 9, 10], Seqs(await stream.EventsUntilAsync(10)));
        Assert.Equal("10", stream.LastEventId);
    }

    [Fact]
    public async Task A_batch_has_the_id_of_its_last_event()
    {
        var small = await StartAnotherAsync(("Realtime:RingBytes", "16384"));
        var workspace = Feed.CreateWorkspace(Ada);
        await using var holder = await OpenAsync(workspace, instance: small);
        for (var i = 0; i < 300; i++) Feed.Append(workspace);
        await holder.EventsUntilAsync(301);
        await using var stream = await SseConnection.OpenAsync(small.Address, workspace, Feed.Token(Ada), "after=10");
        await stream.NextAsync("welcome");
        var batch = await stream.NextAsync("batch");
        Assert.Equal(11, batch["events"]![0].Number("seq"));
        Assert.Equal(Range(11, 301), Seqs(RealtimeConnection.EventsOf(batch).Concat(await stream.EventsUntilAsync(301))));
    }

    [Fact]
    public async Task A_stream_inside_TLS_stays_open_and_ends_with_its_session()
    {
        using var certificate = new CertificateFile();
        var port = Ports.Free();
        var instance = await StartAnotherAsync(("TlsPort", $"{port}"), ("Kestrel:Certificates:Default:Path", certificate.Path), ("Kestrel:Certificates:Default:Password", CertificateFile.Password));
        var workspace = Feed.CreateWorkspace(Ada);
        await using var stream = await SseConnection.OpenAsync(new Uri($"https://127.0.0.1:{port}"), workspace, Feed.Token(Ada), trustAll: true);
        await stream.NextAsync("welcome");
        for (var i = 2; i < 10; i++)
        {
            await instance.DeliverAsync(Feed.Append(workspace));
            Assert.Equal([i], Seqs(await stream.EventsUntilAsync(i)));
        }
        await stream.SendAsync(new { type = "ping", @ref = "p" });
        Assert.Equal("p", (await stream.NextAsync("pong")).Text("ref"));
        await instance.DeliverAsync(Feed.RemoveMember(workspace, Ada));
        Assert.Equal("forbidden", (await stream.NextAsync("error")).Text("code"));
        await stream.Ended.WaitAsync(Deadline.Default);
    }

    [Fact]
    public async Task A_stream_behind_a_proxy_that_ends_TLS_stays_open()
    {
        await using var push = await PushProcess.StartAsync(Feed, Redis, ("ASPNETCORE_FORWARDEDHEADERS_ENABLED", "true"));
        var workspace = Feed.CreateWorkspace(Ada);
        using var client = new HttpClient { BaseAddress = push.Address };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Feed.Token(Ada));
        client.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        using var response = await client.GetAsync($"/realtime/{workspace}/sse?after=0", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var data = new List<string>();
        while (data.Count < 4)
        {
            var line = await reader.ReadLineAsync().WaitAsync(Deadline.Default);
            Assert.NotNull(line);
            if (line.StartsWith("data: ", StringComparison.Ordinal)) data.Add(line);
            if (data.Count is not (2 or 3) || line.Length > 0) continue;
            using var message = new ByteArrayContent(Feed.Append(workspace)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
            Assert.Equal(HttpStatusCode.OK, (await client.PostAsync(Topology.Routes.EventsSubscription, message)).StatusCode);
        }
        Assert.Contains("\"seq\":3", data[3], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Frames_come_by_send_and_are_answered_on_the_stream()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        await using var stream = await SseConnection.OpenAsync(Push.Address, workspace, Feed.Token(Ada));
        await stream.NextAsync("welcome");
        await stream.SendAsync(new { type = "ping", @ref = "p" });
        Assert.Equal("p", (await stream.NextAsync("pong")).Text("ref"));
        await stream.SendAsync(new { type = "nonsense", @ref = "n" });
        Assert.Equal(("validation_failed", "n"), ((await stream.NextAsync("error")).Text("code"), stream.Seen[^1].Text("ref")));
    }

    [Fact]
    public async Task Send_through_another_instance_reaches_the_stream()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        var other = await StartAnotherAsync();
        await using var stream = await SseConnection.OpenAsync(Push.Address, workspace, Feed.Token(Ada));
        await stream.NextAsync("welcome");
        using var client = other.CreateClient(Feed.Token(Ada));
        (await client.PostJsonAsync($"/realtime/{workspace}/send", new { connectionId = stream.ConnectionId, frames = new[] { new { type = "ping", @ref = "far" } } })).Expect(202);
        Assert.Equal("far", (await stream.NextAsync("pong")).Text("ref"));
    }

    [Fact]
    public async Task Clients_of_http_1_0_get_the_stream_without_chunks()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        using var socket = await RawSocket.ConnectAsync(Push.Address);
        await socket.WriteAsync(Encoding.ASCII.GetBytes($"GET /realtime/{workspace}/sse?access_token={Feed.Token(Ada)} HTTP/1.0\r\n\r\n"));
        var head = await socket.ReadHeadAsync();
        Assert.DoesNotContain("chunked", head, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("event: message\ndata: {\"type\":\"welcome\"", Encoding.UTF8.GetString(await socket.ReadAsync(38)));
    }

    [Fact]
    public async Task Heartbeats_come_without_traffic_on_every_stream()
    {
        var quick = await StartAnotherAsync(("Realtime:HeartbeatSeconds", "2"));
        var workspace = Feed.CreateWorkspace(Ada);
        await using var stream = await SseConnection.OpenAsync(quick.Address, workspace, Feed.Token(Ada));
        await using var socket = await OpenAsync(workspace, instance: quick);
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(1, (await stream.NextAsync("heartbeat")).Number("head"));
            Assert.Equal(1, (await socket.NextAsync("heartbeat")).Number("head"));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_client_sends_is_handled_in_its_order_although_the_first_takes_long(bool elsewhere)
    {
        var workspace = Feed.CreateWorkspace(Ada);
        await using var stream = await SseConnection.OpenAsync(Push.Address, workspace, Feed.Token(Ada));
        await stream.NextAsync("welcome");
        using var client = (elsewhere ? await StartAnotherAsync() : Push).CreateClient(Feed.Token(Ada));
        var telling = new TaskCompletionSource();
        Feed.Telling = telling.Task;
        var first = SendAsync(new { type = "presence.join", taskId = Guid.NewGuid(), @ref = "first" });
        await Deadline.UntilAsync("the Api is asked for the task", () => Task.FromResult(Feed.TaskLookups == 1));
        var second = SendAsync(new { type = "ping", @ref = "second" });
        await Task.WhenAny(second, Task.Delay(500)); // Time to overtake.
        telling.SetResult();
        (await first).Expect(202);
        (await second).Expect(202);
        await stream.NextAsync("pong");
        Assert.Equal(["first", "second"], stream.Seen.Where(frame => frame["ref"] is not null).Select(frame => frame.Text("ref")));

        Task<ApiResponse> SendAsync(object frame) => client.PostJsonAsync($"/realtime/{workspace}/send", new { connectionId = stream.ConnectionId, frames = new[] { frame } });
    }
}
