using System.Text.Json.Nodes;
using TaskFlow.Push.Tests.Support;
using TaskFlow.Testing;

namespace TaskFlow.Push.Tests;

/// <summary>A WebSocket from welcome to close, and events in order whatever the messages do.</summary>
public sealed class WebSocketTests(RedisServer redis) : IAsyncLifetime
{
    private FeedServer _feed = null!;
    private PushInstance _push = null!;

    public async ValueTask InitializeAsync()
    {
        _feed = await FeedServer.StartAsync();
        _push = await PushInstance.StartAsync(_feed, redis);
    }

    public async ValueTask DisposeAsync()
    {
        await _push.DisposeAsync();
        await _feed.DisposeAsync();
    }

    [Fact]
    public async Task Welcome_comes_first_and_events_follow()
    {
        var ada = Person.New();
        var workspace = _feed.CreateWorkspace(ada);
        await using var socket = await WebSocketConnection.OpenAsync(_push.Address, workspace, _feed.Token(ada));
        var welcome = await socket.NextAsync();
        Assert.Equal("welcome", welcome.Text("type"));
        Assert.Equal("live", welcome.Text("resume"));
        Assert.Equal(1, welcome.Number("head"));
        Assert.Equal("epoch-1", welcome.Text("epoch"));
        Assert.Equal(workspace, welcome.Id("workspaceId"));
        Assert.Equal(15, welcome.Number("heartbeatSeconds"));

        await _push.DeliverAsync(_feed.Append(workspace));
        var frame = await socket.NextAsync();
        Assert.Equal(2, frame.Number("seq"));
        Assert.Null(frame["internals"]);
        await socket.CloseAsync();
    }

    [Fact]
    public async Task Duplicated_reordered_and_lost_messages_reach_the_client_once_and_in_order()
    {
        var ada = Person.New();
        var workspace = _feed.CreateWorkspace(ada);
        await using var socket = await WebSocketConnection.OpenAsync(_push.Address, workspace, _feed.Token(ada));
        var messages = Enumerable.Range(0, 20).Select(_ => _feed.Append(workspace)).ToList();
        foreach (var index in (int[])[1, 0, 0, 3, 5, 4, 9, 8, 12, 12, 11]) await _push.DeliverAsync(messages[index]);
        var events = await socket.EventsUntilAsync(_feed.Head(workspace));
        Assert.Equal(Enumerable.Range(2, 20).Select(seq => (long)seq), events.Select(item => item.Number("seq")));
    }

    [Fact]
    public async Task After_resumes_behind_that_seq()
    {
        var ada = Person.New();
        var workspace = _feed.CreateWorkspace(ada);
        for (var i = 0; i < 9; i++) _feed.Append(workspace);
        await using var socket = await WebSocketConnection.OpenAsync(_push.Address, workspace, _feed.Token(ada, workspace), "after=4");
        Assert.Equal("replay", (await socket.NextAsync()).Text("resume"));
        var events = await socket.EventsUntilAsync(10);
        Assert.Equal([5, 6, 7, 8, 9, 10], events.Select(item => item.Number("seq")));
    }

    [Fact]
    public async Task Ping_is_answered_with_its_ref()
    {
        var ada = Person.New();
        var workspace = _feed.CreateWorkspace(ada);
        await using var socket = await WebSocketConnection.OpenAsync(_push.Address, workspace, _feed.Token(ada));
        await socket.SendAsync(new { type = "ping", @ref = "a-1" });
        Assert.Equal("a-1", (await socket.NextAsync("pong")).Text("ref"));
    }
}
