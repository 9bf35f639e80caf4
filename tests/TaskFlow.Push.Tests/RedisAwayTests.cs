using TaskFlow.Push.Tests.Support;
using TaskFlow.Testing;

namespace TaskFlow.Push.Tests;

/// <summary>Redis goes and comes: events are late at worst, presence pauses, nothing else happens.</summary>
public sealed class RedisAwayTests : IAsyncLifetime
{
    private readonly RedisServer _redis = new(); // One of its own, to be stopped.
    private readonly Person _ada = Person.New();
    private FeedServer _feed = null!;
    private PushInstance _push = null!;

    public async ValueTask InitializeAsync()
    {
        _feed = await FeedServer.StartAsync();
        _push = await PushInstance.StartAsync(_feed, _redis);
    }

    public async ValueTask DisposeAsync()
    {
        await _push.DisposeAsync();
        await _feed.DisposeAsync();
        _redis.Dispose();
    }

    [Fact]
    public async Task Events_go_on_without_redis_and_presence_comes_back_with_it()
    {
        var workspace = _feed.CreateWorkspace(_ada);
        var task = _feed.CreateTask(workspace);
        await using var open = await WebSocketConnection.OpenAsync(_push.Address, workspace, _feed.Token(_ada));
        await open.NextAsync("welcome");
        _redis.Stop();
        using var client = _push.CreateClient(_feed.Token(_ada));
        await Deadline.UntilAsync("the health names Redis", async () =>
        {
            var health = (await client.GetJsonAsync("/health")).Expect(200).Json;
            return health["checks"]!["redis"].Text("status") == "degraded";
        });

        _feed.Append(workspace);
        Assert.Equal(2, (await open.EventsUntilAsync(2))[^1].Number("seq"));
        await using var late = await WebSocketConnection.OpenAsync(_push.Address, workspace, _feed.Token(_ada), "after=1");
        Assert.Equal("replay", (await late.NextAsync("welcome")).Text("resume"));
        var other = _feed.CreateWorkspace(_ada);
        await using var elsewhere = await WebSocketConnection.OpenAsync(_push.Address, other, _feed.Token(_ada));
        await elsewhere.NextAsync("welcome");
        await open.SendAsync(new { type = "presence.join", taskId = task });
        await open.SendAsync(new { type = "ping" });
        await open.NextAsync("pong");

        _redis.Start();
        var presence = await open.NextAsync("presence");
        Assert.Equal(task, presence.Id("taskId"));
        Assert.Single(presence["viewers"]!.AsArray());
        _feed.Append(other);
        Assert.Equal(2, (await elsewhere.EventsUntilAsync(2))[^1].Number("seq"));
    }
}
