using System.Net;
using Microsoft.Extensions.DependencyInjection;
using TaskFlow.Push.Tests.Support;
using TaskFlow.Push.WorkspaceLogs;
using TaskFlow.Testing;

namespace TaskFlow.Push.Tests;

/// <summary>Where a connection goes on: from the ring, from the feed, or not at all.</summary>
public sealed class ResumeTests(RedisServer redis) : PushTest(redis)
{
    protected override (string, string)[] Settings => [("Realtime:MaxReplay", "1500"), ("Realtime:RingBytes", "16384")];

    [Theory]
    [InlineData("after=4", "replay")]
    [InlineData("after=0", "replay")]
    [InlineData("after=10", "live")]
    [InlineData("", "live")]
    [InlineData("after=11", "reset")]
    [InlineData("after=9223372036854775807", "reset")]
    [InlineData("after=4&epoch=epoch-1", "replay")]
    [InlineData("after=4&epoch=epoch-0", "reset")]
    [InlineData("after=10&epoch=epoch-0", "reset")]
    public async Task The_welcome_says_how_it_goes_on(string query, string expected)
    {
        var workspace = Feed.CreateWorkspace(Ada);
        for (var i = 0; i < 9; i++) Feed.Append(workspace);
        await using var socket = await WebSocketConnection.OpenAsync(Push.Address, workspace, Feed.Token(Ada, workspace), query);
        var welcome = await socket.NextAsync();
        Assert.Equal(expected, welcome.Text("resume"));
        Assert.Equal(10, welcome.Number("head"));
        await AppendAsync(workspace, 1);
        var first = expected == "replay" ? long.Parse(query.Split('=', '&')[1], System.Globalization.CultureInfo.InvariantCulture) + 1 : 11;
        Assert.Equal(Range(first, 11), Seqs(await socket.EventsUntilAsync(11)));
    }

    [Fact]
    public async Task A_slow_client_may_speak_in_the_middle_of_a_long_replay()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        for (var i = 0; i < 400; i++) Feed.Append(workspace, payload: new { description = new string('d', 16_000) });
        using var slow = await RawSocket.OpenAsync(Push.Address, workspace, Feed.Token(Ada), "after=1", receiveBuffer: 4096);
        var seqs = new List<long>();
        var answered = false;
        while (seqs.LastOrDefault() < 401)
        {
            var (opcode, payload) = await slow.ReadFrameAsync();
            Assert.Equal(1, opcode);
            var frame = System.Text.Json.Nodes.JsonNode.Parse(payload)!;
            answered |= frame.Text("type") == "pong";
            if (seqs.Count == 0 && frame.Text("type") == "batch") await slow.SendTextAsync("""{"type":"ping"}"""); // Much is still to come.
            seqs.AddRange(Seqs(RealtimeConnection.EventsOf(frame)));
        }
        Assert.Equal(Range(2, 401), seqs);
        Assert.True(answered);
    }

    [Theory]
    [InlineData("after=x")]
    [InlineData("after=")]
    [InlineData("after=-1")]
    [InlineData("after=1.5")]
    public async Task An_after_that_is_no_number_is_refused(string query)
    {
        var workspace = Feed.CreateWorkspace(Ada);
        using var client = Push.CreateClient(Feed.Token(Ada));
        foreach (var transport in (string[])["sse", "poll"])
        {
            var answer = await client.GetJsonAsync($"/realtime/{workspace}/{transport}?{query}");
            Assert.Equal((400, "validation_failed"), (answer.Status, answer.Code));
            Assert.NotNull(answer.Json["errors"]!["after"]);
        }
    }

    [Fact]
    public async Task An_instance_that_does_not_know_a_seq_yet_asks_before_it_says_reset()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        var other = await StartAnotherAsync(("Realtime:HeadsMilliseconds", "60000"));
        await using var first = await OpenAsync(workspace, instance: other);
        Feed.Append(workspace);
        Feed.Append(workspace);
        await using var second = await WebSocketConnection.OpenAsync(other.Address, workspace, Feed.Token(Ada), "after=2");
        Assert.Equal("replay", (await second.NextAsync()).Text("resume"));
        Assert.Equal([3], Seqs(await second.EventsUntilAsync(3)));
        Assert.Equal([2, 3], Seqs(await first.EventsUntilAsync(3)));
    }

    [Fact]
    public async Task What_the_ring_no_longer_has_comes_from_the_feed_in_batches_that_all_share()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        await using var holder = await OpenAsync(workspace);
        for (var i = 0; i < 1_200; i++) Feed.Append(workspace);
        await Push.DeliverAsync(Feed.Append(workspace));
        await holder.EventsUntilAsync(1_202);
        var reads = Feed.FeedReads;
        var sockets = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => WebSocketConnection.OpenAsync(Push.Address, workspace, Feed.Token(Ada), "after=100")));
        foreach (var socket in sockets)
        {
            Assert.Equal("replay", (await socket.NextAsync()).Text("resume"));
            var first = await socket.NextAsync();
            Assert.Equal("batch", first.Text("type"));
            var events = RealtimeConnection.EventsOf(first).Concat(await socket.EventsUntilAsync(1_202));
            Assert.Equal(Range(101, 1_202), Seqs(events));
            await socket.DisposeAsync();
        }
        Assert.InRange(Feed.FeedReads - reads, 0, 8); // The holder fell out of the small ring too: its pages are shared.
    }

    [Fact]
    public async Task What_somebody_is_told_outlasts_the_ring_for_those_who_are_still_in_it()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        var log = (await Push.Services.GetRequiredService<OpenLogs>().OpenAsync(workspace, null, CancellationToken.None))!;
        log.Offer([LogEvent.Parse(Feed.Append(workspace, notifications: [(Ada, "for you"), (Person.New(), "for somebody else")]))], here: true);
        while (log.FirstSeq <= 2) log.Offer([LogEvent.Parse(Feed.Append(workspace, notifications: [(Ada, "later")]))], here: true);
        var now = Push.Services.GetRequiredService<Clock>().Seconds;
        log.Trim(now);
        Assert.Single(log.NotificationsFor(Ada.Id, 1, 2));
        log.Trim(now + 302);
        Assert.Empty(log.NotificationsFor(Ada.Id, 1, log.FirstSeq - 1));
        Assert.Equal(log.Head - log.FirstSeq + 1, log.NotificationsFor(Ada.Id, 1, log.Head).Count);
    }

    [Fact]
    public async Task A_storm_after_a_restart_costs_one_load()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        for (var i = 0; i < 150; i++) Feed.Append(workspace);
        var reads = Feed.FeedReads;
        var sockets = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => WebSocketConnection.OpenAsync(Push.Address, workspace, Feed.Token(Ada), $"after={50 + i}")));
        for (var i = 0; i < sockets.Length; i++)
        {
            Assert.Equal(Range(51 + i, 151), Seqs(await sockets[i].EventsUntilAsync(151)));
            await sockets[i].DisposeAsync();
        }
        Assert.InRange(Feed.FeedReads - reads, 1, 3);
    }

    [Fact]
    public async Task Further_back_than_the_replay_goes_or_than_is_kept_is_a_reset()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        for (var i = 0; i < 1_600; i++) Feed.Append(workspace);
        Assert.Equal("reset", await ResumeOf("after=10"));
        Assert.Equal("replay", await ResumeOf("after=1000"));
        Feed.Forget(workspace, 1_200);
        await using var other = await StartAnotherAsync();
        Assert.Equal("reset", await ResumeOf("after=1000", other));
        Assert.Equal("replay", await ResumeOf("after=1590", other));

        async Task<string> ResumeOf(string query, PushInstance? instance = null)
        {
            await using var socket = await WebSocketConnection.OpenAsync((instance ?? Push).Address, workspace, Feed.Token(Ada), query);
            return (await socket.NextAsync()).Text("resume");
        }
    }

    [Fact]
    public async Task Another_epoch_or_a_head_that_went_back_resets_open_connections()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        await using var socket = await OpenAsync(workspace);
        await AppendAsync(workspace, 5);
        await socket.EventsUntilAsync(6);
        await Deadline.UntilAsync("the heads were confirmed", () => Task.FromResult(ConfirmedHead(workspace) == 6));
        Feed.Rewind(workspace, 3);
        await socket.NextAsync("reset");
        Assert.Equal(3, (await socket.NextAsync("heartbeat")).Number("head"));
        await AppendAsync(workspace, 1);
        Assert.Equal([4], Seqs(await socket.EventsUntilAsync(4)));

        Feed.Epoch = "epoch-2";
        await socket.NextAsync("reset");
        await using var late = await WebSocketConnection.OpenAsync(Push.Address, workspace, Feed.Token(Ada), "after=2&epoch=epoch-1");
        var welcome = await late.NextAsync();
        Assert.Equal(("reset", "epoch-2"), (welcome.Text("resume"), welcome.Text("epoch")));
    }

    private long ConfirmedHead(Guid workspace) =>
        ((WorkspaceLogs.OpenLogs)Push.Services.GetService(typeof(WorkspaceLogs.OpenLogs))!).Find(workspace)?.ApiHead ?? 0;

    [Fact]
    public async Task The_feed_being_away_is_503_for_the_new_and_a_pause_for_the_open()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        await using var socket = await OpenAsync(workspace);
        Feed.IsAway = true;
        await AppendAsync(workspace, 1);
        Assert.Equal([2], Seqs(await socket.EventsUntilAsync(2)));
        using var client = Push.CreateClient(Feed.Token(Ada));
        var refused = await client.GetJsonAsync($"/realtime/{Feed.CreateWorkspace(Ada)}/poll");
        Assert.Equal((503, "unavailable"), (refused.Status, refused.Code));
        Assert.NotNull(refused.Headers.RetryAfter);
        Feed.Append(workspace);
        Feed.IsAway = false;
        Assert.Equal([3], Seqs(await socket.EventsUntilAsync(3)));
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/health")).StatusCode);
    }
}
