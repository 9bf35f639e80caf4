using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using TaskFlow.Contracts;
using TaskFlow.Push.Connections;
using TaskFlow.Push.Presence;
using TaskFlow.Push.Tests.Support;
using TaskFlow.Push.WorkspaceLogs;
using TaskFlow.Testing;

namespace TaskFlow.Push.Tests;

/// <summary>Long poll: at once, when something comes, or after the wait; and what is remembered between two polls.</summary>
public sealed class PollTests(RedisServer redis) : PushTest(redis)
{
    [Fact]
    public async Task Answers_at_once_when_there_is_something_after_n()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        for (var i = 0; i < 4; i++) Feed.Append(workspace);
        using var client = Push.CreateClient(Feed.Token(Ada));
        var answer = (await client.GetJsonAsync($"/realtime/{workspace}/poll?after=2&wait=25")).Expect(200).Json;
        Assert.Equal([3, 4, 5], Seqs(answer["events"]!.AsArray()!));
        Assert.Equal(5, answer.Number("head"));
        Assert.False((bool)answer["reset"]!);
        Assert.NotEmpty(answer.Text("connectionId"));
        Assert.Empty(answer["notifications"]!.AsArray());
        Assert.Empty(answer["presence"]!.AsArray());
        Assert.Empty(answer["frames"]!.AsArray());
    }

    [Fact]
    public async Task Is_held_until_something_comes()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        using var client = Push.CreateClient(Feed.Token(Ada));
        var first = (await client.GetJsonAsync($"/realtime/{workspace}/poll")).Expect(200).Json;
        Assert.Equal(1, first.Number("head"));
        var held = client.GetJsonAsync($"/realtime/{workspace}/poll?after=1&wait=50&connectionId={first.Text("connectionId")}");
        await Task.Delay(300);
        Assert.False(held.IsCompleted);
        await Push.DeliverAsync(Feed.Append(workspace, notifications: [(Ada, "for you")]));
        var answer = (await held.WaitAsync(Deadline.Default)).Expect(200).Json;
        Assert.Equal([2], Seqs(answer["events"]!.AsArray()!));
        Assert.Equal("for you", answer["notifications"]![0].Text("text"));
        Assert.Equal(first.Text("connectionId"), answer.Text("connectionId"));
    }

    [Fact]
    public async Task Ends_after_its_wait_with_nothing()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        using var client = Push.CreateClient(Feed.Token(Ada));
        var started = Stopwatch.GetTimestamp();
        var answer = (await client.GetJsonAsync($"/realtime/{workspace}/poll?after=1&wait=1")).Expect(200).Json;
        Assert.True(Stopwatch.GetElapsedTime(started) >= TimeSpan.FromMilliseconds(900));
        Assert.Empty(answer["events"]!.AsArray());
        (await client.GetJsonAsync($"/realtime/{workspace}/poll?after=1&wait=x")).Expect(400);
    }

    [Fact]
    public async Task Says_reset_at_once_when_the_place_is_not_to_be_had()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        using var client = Push.CreateClient(Feed.Token(Ada));
        using var resets = new Counted("taskflow.push.resets", Push);
        foreach (var query in (string[])["after=7", "after=1&epoch=other"])
        {
            var answer = (await client.GetJsonAsync($"/realtime/{workspace}/poll?{query}&wait=25")).Expect(200).Json;
            Assert.True((bool)answer["reset"]!);
            Assert.Equal(1, answer.Number("head"));
        }
        Assert.Equal(2, resets.Count);
    }

    [Fact]
    public async Task Presence_and_frames_are_told_once()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        var task = Feed.CreateTask(workspace);
        using var client = Push.CreateClient(Feed.Token(Ada));
        var id = (await client.GetJsonAsync($"/realtime/{workspace}/poll")).Expect(200).Json.Text("connectionId");
        object[] frames = [new { type = "presence.join", taskId = task }, new { type = "ping", @ref = "r" }, new { type = "presence.join", taskId = Guid.NewGuid(), @ref = "none" }];
        (await client.PostJsonAsync($"/realtime/{workspace}/send", new { connectionId = id, frames })).Expect(202);
        var presence = new List<System.Text.Json.Nodes.JsonNode?>();
        var others = new List<System.Text.Json.Nodes.JsonNode?>();
        await Deadline.UntilAsync("presence and answers came", async () =>
        {
            var answer = (await client.GetJsonAsync($"/realtime/{workspace}/poll?after=1&wait=1&connectionId={id}")).Expect(200).Json;
            presence.AddRange(answer["presence"]!.AsArray());
            others.AddRange(answer["frames"]!.AsArray());
            return presence.Count > 0 && others.Count > 1;
        });
        Assert.Equal(task, Assert.Single(presence).Id("taskId"));
        Assert.Equal(["pong", "error"], others.Select(frame => frame.Text("type")));
        var later = (await client.GetJsonAsync($"/realtime/{workspace}/poll?after=1&wait=1&connectionId={id}")).Expect(200).Json;
        Assert.Empty(later["presence"]!.AsArray());
        Assert.Empty(later["frames"]!.AsArray());
    }

    [Fact]
    public async Task Another_instance_goes_on_where_the_first_one_was()
    {
        var bob = Person.New("Bob Example");
        var workspace = Feed.CreateWorkspace(Ada, bob);
        var task = Feed.CreateTask(workspace);
        var other = await StartAnotherAsync();
        await using var watcher = await OpenAsync(workspace, bob, instance: other);
        using var here = Push.CreateClient(Feed.Token(Ada));
        using var there = other.CreateClient(Feed.Token(Ada));
        var id = (await here.GetJsonAsync($"/realtime/{workspace}/poll")).Expect(200).Json.Text("connectionId");
        (await here.PostJsonAsync($"/realtime/{workspace}/send", new { connectionId = id, frames = new[] { new { type = "presence.join", taskId = task } } })).Expect(202);
        await watcher.NextAsync("presence", frame => frame["viewers"]!.AsArray().Count == 1);
        var seen = new List<System.Text.Json.Nodes.JsonNode?>();
        await Deadline.UntilAsync("presence was told here", async () =>
        {
            seen.AddRange((await here.GetJsonAsync($"/realtime/{workspace}/poll?after=2&wait=1&connectionId={id}")).Expect(200).Json["presence"]!.AsArray());
            return seen.Count > 0;
        });
        await AppendAsync(workspace, 2);
        var moved = (await there.GetJsonAsync($"/realtime/{workspace}/poll?after=2&wait=20&connectionId={id}")).Expect(200).Json;
        Assert.Equal([3, 4], Seqs(moved["events"]!.AsArray()!));
        Assert.Empty(moved["presence"]!.AsArray());
        Assert.NotEqual(id, moved.Text("connectionId"));
        (await there.PostJsonAsync($"/realtime/{workspace}/send", new { connectionId = moved.Text("connectionId"), frames = new[] { new { type = "presence.leave", taskId = task } } })).Expect(202);
        await watcher.NextAsync("presence", frame => frame["viewers"]!.AsArray().Count == 0);
    }

    [Fact]
    public async Task Who_went_on_at_another_instance_is_not_brought_back_by_the_first_one()
    {
        var bob = Person.New("Bob Example");
        var workspace = Feed.CreateWorkspace(Ada, bob);
        var task = Feed.CreateTask(workspace);
        var other = await StartAnotherAsync();
        await using var watcher = await OpenAsync(workspace, bob, instance: other);
        using var here = Push.CreateClient(Feed.Token(Ada));
        using var there = other.CreateClient(Feed.Token(Ada));
        var id = await JoinedAsync(here, workspace, task);
        await watcher.NextAsync("presence", frame => frame["viewers"]!.AsArray().Count == 1);
        var moved = (await there.GetJsonAsync($"/realtime/{workspace}/poll?after=2&wait=0&connectionId={id}")).Expect(200).Json.Text("connectionId");
        (await there.PostJsonAsync($"/realtime/{workspace}/send", new { connectionId = moved, frames = new[] { new { type = "presence.leave", taskId = task } } })).Expect(202);
        await watcher.NextAsync("presence", frame => frame["viewers"]!.AsArray().Count == 0);
        Push.Services.GetRequiredService<PresenceService>().Tick(Push.Services.GetRequiredService<OpenLogs>().Find(workspace)!, new TickContext(1_000, 900, 60, new Transports.HeartbeatFrames(2)));
        await Push.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase().PingAsync(); // Comes after whatever was announced.
        Assert.Equal(0, await Redis.Client.GetDatabase().SortedSetLengthAsync(PresenceKeys.Viewers(workspace, task)));
    }

    [Fact]
    public async Task Who_left_a_task_between_two_polls_is_not_brought_back_by_another_instance()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        var task = Feed.CreateTask(workspace);
        var other = await StartAnotherAsync();
        using var here = Push.CreateClient(Feed.Token(Ada));
        using var there = other.CreateClient(Feed.Token(Ada));
        var id = await JoinedAsync(here, workspace, task);
        await Deadline.UntilAsync("it was saved", () => Redis.Client.GetDatabase().KeyExistsAsync($"poll:{id}"));
        (await here.PostJsonAsync($"/realtime/{workspace}/send", new { connectionId = id, frames = new[] { new { type = "presence.leave", taskId = task } } })).Expect(202);
        (await there.GetJsonAsync($"/realtime/{workspace}/poll?after=1&wait=0&connectionId={id}")).Expect(200);
        Assert.Equal(0, await Redis.Client.GetDatabase().SortedSetLengthAsync(PresenceKeys.Viewers(workspace, task)));
    }

    [Fact]
    public async Task Who_is_nowhere_any_more_leaves_nothing_for_another_instance()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        var task = Feed.CreateTask(workspace);
        using var client = Push.CreateClient(Feed.Token(Ada));
        var id = await JoinedAsync(client, workspace, task);
        var key = (RedisKey)$"poll:{id}";
        await Deadline.UntilAsync("it was saved", () => Redis.Client.GetDatabase().KeyExistsAsync(key)); // Nobody waits for that with the answer.
        (await client.PostJsonAsync($"/realtime/{workspace}/send", new { connectionId = id, frames = new[] { new { type = "presence.leave", taskId = task } } })).Expect(202);
        await Deadline.UntilAsync("it was told and forgotten", async () =>
        {
            (await client.GetJsonAsync($"/realtime/{workspace}/poll?after=1&wait=0&connectionId={id}")).Expect(200);
            return !await Redis.Client.GetDatabase().KeyExistsAsync(key);
        });
    }

    [Fact]
    public async Task Whoever_left_is_told_of_by_the_instance_that_never_knew_them()
    {
        var bob = Person.New("Bob Example");
        var workspace = Feed.CreateWorkspace(Ada, bob);
        var task = Feed.CreateTask(workspace);
        var viewers = PresenceKeys.Viewers(workspace, task);
        var his = await OpenAsync(workspace, bob);
        using var here = Push.CreateClient(Feed.Token(Ada));
        var id = (await here.GetJsonAsync($"/realtime/{workspace}/poll")).Expect(200).Json.Text("connectionId");
        await his.SendAsync(new { type = "presence.join", taskId = task });
        Assert.Single((await here.GetJsonAsync($"/realtime/{workspace}/poll?after=2&wait=50&connectionId={id}")).Expect(200).Json["presence"]!.AsArray());
        await his.DisposeAsync();
        await Deadline.UntilAsync("he has left", async () => await Redis.Client.GetDatabase().SortedSetLengthAsync(viewers) == 0);
        var other = await StartAnotherAsync();
        using var there = other.CreateClient(Feed.Token(Ada));
        var told = (await there.GetJsonAsync($"/realtime/{workspace}/poll?after=2&wait=50&connectionId={id}")).Expect(200).Json["presence"]!.AsArray();
        Assert.Equal(task, Assert.Single(told).Id("taskId"));
        Assert.Empty(told[0]!["viewers"]!.AsArray());
    }

    [Fact]
    public async Task Who_polls_late_is_told_of_every_task_that_was_left()
    {
        const int count = 100;
        var bob = Person.New("Bob Example");
        var workspace = Feed.CreateWorkspace(Ada, bob);
        using var client = Push.CreateClient(Feed.Token(Ada));
        var id = (await client.GetJsonAsync($"/realtime/{workspace}/poll")).Expect(200).Json.Text("connectionId");
        var seen = new Dictionary<Guid, int>();
        var tabs = new List<WebSocketConnection>();
        for (var i = 0; i < count; i++)
        {
            if (i % 25 == 0) tabs.Add(await OpenAsync(workspace, bob)); // Each may send 30 frames at once.
            await tabs[^1].SendAsync(new { type = "presence.join", taskId = Feed.CreateTask(workspace) });
        }
        await Deadline.UntilAsync("he was seen on all", async () =>
        {
            await PollAsync();
            return seen.Count == count;
        });
        foreach (var tab in tabs) await tab.DisposeAsync();
        var board = Push.Services.GetRequiredService<OpenLogs>().Find(workspace)!.Presence;
        await Deadline.UntilAsync("he is nowhere any more", () => Task.FromResult(board.Entries.All(entry => entry.Viewers.Count == 0)));
        await PollAsync();
        Assert.All(seen.Values, viewers => Assert.Equal(0, viewers));

        async Task PollAsync()
        {
            foreach (var frame in (await client.GetJsonAsync($"/realtime/{workspace}/poll?after=2&wait=0&connectionId={id}")).Expect(200).Json["presence"]!.AsArray())
                seen[frame.Id("taskId")] = frame!["viewers"]!.AsArray().Count;
        }
    }

    [Fact]
    public async Task A_client_may_change_transports_and_instances_in_mid_stream()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        var other = await StartAnotherAsync();
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            var last = 1L;
            while (!stop.IsCancellationRequested)
            {
                await (last % 2 == 0 ? Push : other).DeliverAsync(Feed.Append(workspace));
                last++;
            }
            return last;
        });
        var received = new List<long>();
        for (var round = 0; round < 9; round++)
        {
            var instance = round % 2 == 0 ? Push : other;
            var after = received.Count == 0 ? 1 : received[^1];
            await using RealtimeConnection connection = (round % 3) switch
            {
                0 => await WebSocketConnection.OpenAsync(instance.Address, workspace, Feed.Token(Ada), $"after={after}"),
                1 => await SseConnection.OpenAsync(instance.Address, workspace, Feed.Token(Ada), $"after={after}"),
                _ => await PollConnection.OpenAsync(instance.Address, workspace, Feed.Token(Ada), after),
            };
            received.AddRange(Seqs(await connection.EventsUntilAsync(after + 10)));
        }
        await stop.CancelAsync();
        await writing;
        Assert.Equal(Range(2, received[^1]), received);
    }

    /// <summary>A poller that is on the task, and has been told so.</summary>
    private static async Task<string> JoinedAsync(HttpClient client, Guid workspace, Guid task)
    {
        var id = (await client.GetJsonAsync($"/realtime/{workspace}/poll")).Expect(200).Json;
        (await client.PostJsonAsync($"/realtime/{workspace}/send", new { connectionId = id.Text("connectionId"), frames = new[] { new { type = "presence.join", taskId = task } } })).Expect(202);
        Assert.Single((await client.GetJsonAsync($"/realtime/{workspace}/poll?after={id.Number("head")}&wait=50&connectionId={id.Text("connectionId")}")).Expect(200).Json["presence"]!.AsArray());
        return id.Text("connectionId");
    }
}
