using StackExchange.Redis;
using TaskFlow.Contracts;
using TaskFlow.Push.Tests.Support;
using TaskFlow.Testing;

namespace TaskFlow.Push.Tests;

/// <summary>A WebSocket from welcome to close, and events in order whatever the messages do.</summary>
public sealed class WebSocketTests(RedisServer redis) : PushTest(redis)
{
    [Fact]
    public async Task Welcome_comes_first_and_events_follow()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        await using var socket = await WebSocketConnection.OpenAsync(Push.Address, workspace, Feed.Token(Ada));
        var welcome = await socket.NextAsync();
        Assert.Equal("welcome", welcome.Text("type"));
        Assert.Equal("live", welcome.Text("resume"));
        Assert.Equal(1, welcome.Number("head"));
        Assert.Equal("epoch-1", welcome.Text("epoch"));
        Assert.Equal(workspace, welcome.Id("workspaceId"));
        Assert.Equal(15, welcome.Number("heartbeatSeconds"));

        await Push.DeliverAsync(Feed.Append(workspace));
        var frame = await socket.NextAsync();
        Assert.Equal(2, frame.Number("seq"));
        Assert.Null(frame["internals"]);
        await socket.CloseAsync();
    }

    [Fact]
    public async Task Duplicated_reordered_and_lost_messages_reach_the_client_once_and_in_order()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        await using var socket = await OpenAsync(workspace);
        var messages = Enumerable.Range(0, 20).Select(_ => Feed.Append(workspace)).ToList();
        foreach (var index in (int[])[1, 0, 0, 3, 5, 4, 9, 8, 12, 12, 11]) await Push.DeliverAsync(messages[index]);
        Assert.Equal(Range(2, 21), Seqs(await socket.EventsUntilAsync(21)));
    }

    [Fact]
    public async Task A_lost_last_event_is_found_by_the_heads()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        await using var socket = await OpenAsync(workspace);
        Feed.Append(workspace);
        Assert.Equal([2], Seqs(await socket.EventsUntilAsync(2)));
    }

    [Fact]
    public async Task What_one_instance_is_given_reaches_the_clients_of_all()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        var other = await StartAnotherAsync(("Realtime:HeadsMilliseconds", "60000"));
        await using var socket = await OpenAsync(workspace, instance: other);
        await AppendAsync(workspace, 5);
        Assert.Equal(Range(2, 6), Seqs(await socket.EventsUntilAsync(6)));
    }

    [Fact]
    public async Task A_raw_event_on_the_redis_channel_is_an_event()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        await using var socket = await OpenAsync(workspace);
        var text = $$"""{"payload":{"title":"Zürich → Genève"},"seq":2,"workspaceId":"{{workspace}}","type":"task.updated","userId":"{{Ada.Id}}","userName":"Ada","timestamp":"2026-01-01T00:00:00Z"}""";
        await Redis.Client.GetSubscriber().PublishAsync(RedisChannel.Literal(Topology.Channels.Events(workspace)), "{\n \"not\": an event");
        await Redis.Client.GetSubscriber().PublishAsync(RedisChannel.Literal(Topology.Channels.Events(workspace)), text);
        var frame = await socket.NextAsync("task.updated");
        Assert.Equal("Zürich → Genève", frame["payload"].Text("title"));
    }

    [Fact]
    public async Task Notifications_reach_only_their_person_on_every_instance()
    {
        var bob = Person.New("Bob Example");
        var workspace = Feed.CreateWorkspace(Ada, bob);
        var other = await StartAnotherAsync();
        await using var hers = await OpenAsync(workspace);
        await using var hersElsewhere = await OpenAsync(workspace, instance: other);
        await using var his = await OpenAsync(workspace, bob);
        await Push.DeliverAsync(Feed.Append(workspace, notifications: [(Ada, "Bob mentioned you")]));
        await AppendAsync(workspace, 1);
        foreach (var socket in (WebSocketConnection[])[hers, hersElsewhere])
        {
            var frame = await socket.NextAsync("notification");
            Assert.Equal("Bob mentioned you", frame["notification"].Text("text"));
            Assert.Equal("mention", frame["notification"].Text("kind"));
        }
        await his.EventsUntilAsync(4);
        Assert.DoesNotContain(his.Seen, frame => frame.Text("type") == "notification");
    }

    [Fact]
    public async Task Ping_is_answered_with_its_ref()
    {
        await using var socket = await OpenAsync(Feed.CreateWorkspace(Ada));
        await socket.SendAsync("""{"type":"ping","ref":"a-1"}""");
        Assert.Equal("a-1", (await socket.NextAsync("pong")).Text("ref"));
        await socket.SendAsync("""{"type":"ping","ref":7,"unknown":[1,{"a":2}]}""");
        Assert.Equal(7, (await socket.NextAsync("pong")).Number("ref"));
        await socket.SendAsync("""{"type":"ping"}""");
        Assert.Null((await socket.NextAsync("pong"))["ref"]);
    }

    [Fact]
    public async Task An_optional_acknowledgement_is_taken_silently()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        await using var socket = await OpenAsync(workspace);
        await AppendAsync(workspace, 1);
        await socket.EventsUntilAsync(2);
        await socket.SendAsync("""{"type":"ack","seq":2}""");
        await socket.SendAsync("""{"type":"ping"}""");
        Assert.Equal("pong", (await socket.NextAsync()).Text("type"));
    }

    [Fact]
    public async Task A_client_that_stalls_delays_nobody_and_gets_everything_when_it_reads_on()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        using var slow = await RawSocket.OpenAsync(Push.Address, workspace, Feed.Token(Ada), receiveBuffer: 4096);
        await using var quick = await OpenAsync(workspace);
        var last = 1L;
        var big = new string('x', 8_000);
        for (var i = 0; i < 600; i++)
        {
            await Push.DeliverAsync(Feed.Append(workspace, payload: new { description = big }));
            last++;
        }
        Assert.Equal(Range(2, last), Seqs(await quick.EventsUntilAsync(last)));
        var seen = new List<long>();
        while (seen.Count == 0 || seen[^1] < last)
        {
            var (opcode, payload) = await slow.ReadFrameAsync();
            if (opcode != 1) continue;
            seen.AddRange(Seqs(RealtimeConnection.EventsOf(System.Text.Json.Nodes.JsonNode.Parse(payload)!)));
        }
        Assert.Equal(Range(2, last), seen);
    }
}
