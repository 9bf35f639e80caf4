using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using TaskFlow.Contracts;
using TaskFlow.Push.Connections;
using TaskFlow.Push.Presence;
using TaskFlow.Push.Tests.Support;
using TaskFlow.Push.WorkspaceLogs;
using TaskFlow.Testing;

namespace TaskFlow.Push.Tests;

/// <summary>Who is on which task, over tabs, people and instances.</summary>
public sealed class PresenceTests(RedisServer redis) : PushTest(redis)
{
    private readonly Person _bob = Person.New("Bob Example");

    [Fact]
    public async Task Joining_and_leaving_is_seen_by_all_on_every_instance()
    {
        var (workspace, task) = Create();
        var other = await StartAnotherAsync();
        await using var hers = await OpenAsync(workspace);
        await using var his = await OpenAsync(workspace, _bob, instance: other);
        await JoinAsync(hers, task);
        foreach (var socket in (WebSocketConnection[])[hers, his])
        {
            var viewer = (await ViewersAsync(socket, task, 1))[0];
            Assert.Equal((Ada.Id, "Ada Example", false), (viewer.Id("userId"), viewer.Text("name"), (bool)viewer!["typing"]!));
        }
        await JoinAsync(his, task);
        await ViewersAsync(hers, task, 2);
        await using var newcomer = await OpenAsync(workspace, instance: other);
        await ViewersAsync(newcomer, task, 2);
        await hers.SendAsync(new { type = "presence.leave", taskId = task });
        Assert.Equal(_bob.Id, (await ViewersAsync(his, task, 1))[0].Id("userId"));
        await his.DisposeAsync();
        await ViewersAsync(newcomer, task, 0);
        await using var late = await OpenAsync(workspace);
        await late.SendAsync(new { type = "ping" });
        Assert.Equal("pong", (await late.NextAsync()).Text("type"));
    }

    [Fact]
    public async Task Several_tabs_are_one_viewer_since_the_earliest()
    {
        var (workspace, task) = Create();
        await using var watcher = await OpenAsync(workspace, _bob);
        await using var first = await OpenAsync(workspace);
        await JoinAsync(first, task);
        var since = (await ViewersAsync(watcher, task, 1))[0].Text("since");
        await using var second = await OpenAsync(workspace);
        await JoinAsync(second, task);
        await second.SendAsync(new { type = "presence.typing", taskId = task, typing = true });
        var typing = await watcher.NextAsync("presence", frame => (bool)frame["viewers"]![0]!["typing"]!);
        Assert.Equal(since, Assert.Single(typing["viewers"]!.AsArray()).Text("since"));
        await first.DisposeAsync();
        await second.SendAsync(new { type = "presence.typing", taskId = task, typing = false });
        await watcher.NextAsync("presence", frame => frame["viewers"]!.AsArray() is [{ } only] && !(bool)only["typing"]!);
        await second.DisposeAsync();
        await ViewersAsync(watcher, task, 0);
    }

    [Fact]
    public async Task Typing_joins_the_task_and_ends_by_itself()
    {
        var (workspace, task) = Create();
        await using var watcher = await OpenAsync(workspace, _bob);
        await using var hers = await OpenAsync(workspace);
        await hers.SendAsync(new { type = "presence.typing", taskId = task, typing = true });
        await watcher.NextAsync("presence", frame => (bool)frame["viewers"]![0]!["typing"]!);
        await watcher.NextAsync("presence", frame => frame["viewers"]!.AsArray() is [{ } only] && !(bool)only["typing"]!);
    }

    [Fact]
    public async Task A_task_that_is_not_there_is_an_error_that_does_not_count()
    {
        var (workspace, _) = Create();
        await using var socket = await OpenAsync(workspace);
        for (var i = 0; i < 7; i++)
        {
            await socket.SendAsync(new { type = "presence.join", taskId = Guid.NewGuid(), @ref = $"{i}" });
            var error = await socket.NextAsync("error");
            Assert.Equal(("not_found", $"{i}"), (error.Text("code"), error.Text("ref")));
        }
        await socket.SendAsync(new { type = "ping" });
        await socket.NextAsync("pong");
    }

    [Fact]
    public async Task A_killed_instance_leaves_nobody_behind_for_ever()
    {
        var (workspace, task) = Create();
        var database = Redis.Client.GetDatabase();
        var gone = DateTimeOffset.UtcNow.AddSeconds(-45); // Time enough to connect before the minute is over, on a busy machine too.
        var member = PresenceKeys.Member(Ada.Id, gone, "0123456789-0123456789abcdef");
        await database.SortedSetAddAsync(PresenceKeys.Viewers(workspace, task), member, gone.ToUnixTimeMilliseconds());
        await database.SortedSetAddAsync(PresenceKeys.Tasks(workspace), task.ToString(), gone.ToUnixTimeMilliseconds());
        await using var watcher = await OpenAsync(workspace, _bob);
        await ViewersAsync(watcher, task, 1);
        await ViewersAsync(watcher, task, 0);
    }

    [Fact]
    public async Task What_redis_forgot_is_announced_again()
    {
        var (workspace, task) = Create();
        await using var hers = await OpenAsync(workspace);
        await JoinAsync(hers, task);
        await ViewersAsync(hers, task, 1);
        await Redis.Client.GetDatabase().KeyDeleteAsync([PresenceKeys.Viewers(workspace, task), PresenceKeys.Tasks(workspace)]);
        await Deadline.UntilAsync("the presence was back", async () => await Redis.Client.GetDatabase().SortedSetLengthAsync(PresenceKeys.Viewers(workspace, task)) == 1);
    }

    [Fact]
    public async Task What_no_message_told_is_seen_all_the_same()
    {
        var (workspace, task) = Create();
        await using var watcher = await OpenAsync(workspace);
        var (database, now) = (Redis.Client.GetDatabase(), DateTimeOffset.UtcNow);
        await database.SortedSetAddAsync(PresenceKeys.Viewers(workspace, task), PresenceKeys.Member(_bob.Id, now, "0123456789-0123456789abcdef"), now.ToUnixTimeMilliseconds());
        await database.SortedSetAddAsync(PresenceKeys.Tasks(workspace), $"{task}", now.ToUnixTimeMilliseconds());
        Service<PresenceService>().Tick(Service<OpenLogs>().Find(workspace)!, new TickContext(1_000, 900, 60, new Transports.HeartbeatFrames(2)));
        await ViewersAsync(watcher, task, 1);
    }

    [Fact]
    public async Task A_log_hears_when_another_one_of_its_workspace_stops_listening()
    {
        var (workspace, task) = Create();
        var (older, newer) = (await LoadedAsync(workspace), await LoadedAsync(workspace));
        await Service<RedisChannels>().UnsubscribePresenceAsync(older);
        await using var his = await OpenAsync(workspace, _bob, instance: await StartAnotherAsync());
        await JoinAsync(his, task);
        await Deadline.UntilAsync("it was heard", () => Task.FromResult(newer.Presence.Find(task)?.Viewers.Count == 1));
    }

    [Fact]
    public async Task A_log_that_asked_twice_stops_listening_at_once()
    {
        var (workspace, _) = Create();
        var log = await LoadedAsync(workspace);
        var server = Redis.Client.GetServer(Redis.Client.GetEndPoints()[0]);
        var channel = RedisChannel.Literal(Topology.Channels.Presence(workspace));
        await Service<RedisChannels>().SubscribePresenceAsync(log);
        Assert.Equal(1, await server.SubscriptionSubscriberCountAsync(channel));
        await Service<RedisChannels>().UnsubscribePresenceAsync(log);
        await Deadline.UntilAsync("nobody listens", async () => await server.SubscriptionSubscriberCountAsync(channel) == 0);
    }

    [Fact]
    public async Task A_join_that_is_looked_up_while_its_stream_ends_leaves_nobody_there()
    {
        var (workspace, task) = Create();
        var stream = await SseConnection.OpenAsync(Push.Address, workspace, Feed.Token(Ada));
        await stream.NextAsync("welcome");
        var telling = new TaskCompletionSource();
        Feed.Telling = telling.Task;
        using var client = new HttpClient { BaseAddress = Push.Address };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Feed.Token(Ada));
        var sent = client.PostJsonAsync($"/realtime/{workspace}/send", new { connectionId = stream.ConnectionId, frames = new[] { new { type = "presence.join", taskId = task } } });
        await Deadline.UntilAsync("the task was looked up", () => Task.FromResult(Feed.TaskLookups == 1));
        await stream.DisposeAsync();
        await Deadline.UntilAsync("the stream's end was seen", () => Task.FromResult(Service<OpenLogs>().Find(workspace)!.Connections.Count == 0));
        telling.SetResult();
        (await sent).Expect(202);
        Assert.Equal(0, await Redis.Client.GetDatabase().SortedSetLengthAsync(PresenceKeys.Viewers(workspace, task)));
    }

    [Fact]
    public async Task A_deleted_task_has_no_viewers()
    {
        var (workspace, task) = Create();
        await using var hers = await OpenAsync(workspace);
        await JoinAsync(hers, task);
        await ViewersAsync(hers, task, 1);
        await Push.DeliverAsync(Feed.Append(workspace, EventTypes.TaskDeleted, new { }, task));
        await ViewersAsync(hers, task, 0);
        Assert.Equal(0, await Redis.Client.GetDatabase().SortedSetLengthAsync(PresenceKeys.Viewers(workspace, task)));
    }

    private T Service<T>() where T : notnull => Push.Services.GetRequiredService<T>();

    /// <summary>A log of its own, besides that of the workspace's connections.</summary>
    private async Task<WorkspaceLog> LoadedAsync(Guid workspace)
    {
        var log = new WorkspaceLog(workspace, Service<PushServices>());
        Assert.True(await log.EnsureLoadedAsync(null, CancellationToken.None));
        return log;
    }

    private (Guid Workspace, Guid Task) Create()
    {
        var workspace = Feed.CreateWorkspace(Ada, _bob);
        return (workspace, Feed.CreateTask(workspace));
    }

    private static Task JoinAsync(WebSocketConnection socket, Guid task) => socket.SendAsync(new { type = "presence.join", taskId = task });

    private static async Task<JsonArray> ViewersAsync(WebSocketConnection socket, Guid task, int count) =>
        (await socket.NextAsync("presence", frame => frame.Id("taskId") == task && frame["viewers"]!.AsArray().Count == count))["viewers"]!.AsArray();
}
