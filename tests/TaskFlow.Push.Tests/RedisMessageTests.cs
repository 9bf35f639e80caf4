using System.Text;
using StackExchange.Redis;
using TaskFlow.Contracts;
using TaskFlow.Push.Tests.Support;
using TaskFlow.Push.WorkspaceLogs;
using TaskFlow.Testing;

namespace TaskFlow.Push.Tests;

/// <summary>Events as other instances publish them. The beacon is too slow here to help out.</summary>
public sealed class RedisMessageTests : IAsyncLifetime
{
    private readonly RedisServer _redis = new(); // One of its own, to be stopped.
    private readonly Person _ada = Person.New();
    private FeedServer _feed = null!;
    private PushInstance _push = null!;

    public async ValueTask InitializeAsync()
    {
        _feed = await FeedServer.StartAsync();
        _push = await PushInstance.StartAsync(_feed, _redis, ("Realtime:HeadsMilliseconds", "60000"), ("Realtime:GapHoldMilliseconds", "10000"));
    }

    public async ValueTask DisposeAsync()
    {
        await _push.DisposeAsync();
        await _feed.DisposeAsync();
        _redis.Dispose();
    }

    [Fact]
    public async Task A_burst_arrives_whole_and_in_order()
    {
        var workspace = _feed.CreateWorkspace(_ada);
        await using var socket = await OpenAsync(workspace);
        var reads = _feed.FeedReads;
        await Task.WhenAll(Enumerable.Range(0, 1_000).Select(_ => PublishAsync(workspace, _feed.Append(workspace))));
        var seqs = (await socket.EventsUntilAsync(1_001)).Select(item => item.Number("seq"));
        Assert.Equal(Enumerable.Range(2, 1_000).Select(seq => (long)seq), seqs);
        Assert.Equal(reads, _feed.FeedReads);
    }

    [Fact]
    public async Task What_is_no_event_does_not_end_the_channel()
    {
        var workspace = _feed.CreateWorkspace(_ada);
        await using var socket = await OpenAsync(workspace);
        foreach (var message in (string[])["", "{", "[]", "{\"type\":\"task.updated\",\"workspaceId\":\"x\",\"seq\":2,", "{\"type\":\"task.updated\",\"workspaceId\":\"" + Guid.NewGuid() + "\",\"seq\":9,\"payload\":{}}"])
            await PublishAsync(workspace, Encoding.UTF8.GetBytes(message));
        await PublishAsync(workspace, _feed.Append(workspace));
        Assert.Equal(2, Assert.Single(await socket.EventsUntilAsync(2)).Number("seq"));
    }

    [Fact]
    public async Task Channels_are_heard_again_after_redis_was_away_whenever_they_were_opened()
    {
        var (before, during) = (_feed.CreateWorkspace(_ada), _feed.CreateWorkspace(_ada));
        await using var one = await OpenAsync(before);
        _redis.Stop();
        await using var other = await OpenAsync(during);
        _redis.Start();
        foreach (var (workspace, socket) in new[] { (before, one), (during, other) })
        {
            var message = _feed.Append(workspace);
            await Deadline.UntilAsync("somebody hears it", async () =>
            {
                try { return await PublishAsync(workspace, message) > 0; }
                catch (RedisException) { return false; }
            });
            Assert.Equal(2, Assert.Single(await socket.EventsUntilAsync(2)).Number("seq"));
        }
    }

    [Theory]
    [InlineData("""{"type":"task.updated","workspaceId":"0198f3e4-0000-7000-8000-000000000001","seq":7,"payload":{}}""", 7L)]
    [InlineData("""{"type":"member.added","workspaceId":"0198f3e4-0000-7000-8000-000000000001","seq":1234567890123,"x":1}""", 1234567890123)]
    [InlineData("""{"type":"task.updated","seq":7,"workspaceId":"0198f3e4-0000-7000-8000-000000000001"}""", null)]
    [InlineData("""{"workspaceId":"0198f3e4-0000-7000-8000-000000000001","seq":7,"type":"task.updated"}""", null)]
    [InlineData("""{ "type":"task.updated","workspaceId":"0198f3e4-0000-7000-8000-000000000001","seq":7,"x":1}""", null)]
    [InlineData("""{"type":"a\",\"b","workspaceId":"0198f3e4-0000-7000-8000-000000000001","seq":7,"x":1}""", null)]
    [InlineData("""{"type":"task.updated","workspaceId":"0198f3e4","seq":7,"x":"0123456789012345678901234567"}""", null)]
    [InlineData("""{"type":"task.updated","workspaceId":"0198f3e4-0000-7000-8000-000000000001","seq":7.5,"x":1}""", null)]
    [InlineData("""{"type":"task.updated","workspaceId":"0198f3e4-0000-7000-8000-000000000001","seq":"7","x":1}""", null)]
    [InlineData("""{"type":"task.updated","workspaceId":"0198f3e4-0000-7000-8000-000000000001","seq":7""", null)]
    [InlineData("", null)]
    public void A_seq_is_read_ahead_from_our_own_form_only(string message, long? expected)
    {
        for (var length = 0; length < message.Length; length++)
        {
            // A part of it never gives another number.
            if (LogEvent.TryPeekSeq(Encoding.UTF8.GetBytes(message[..length]), out var early)) Assert.Equal(expected, early);
        }
        Assert.Equal(expected, LogEvent.TryPeekSeq(Encoding.UTF8.GetBytes(message), out var seq) ? seq : null);
    }

    private async Task<WebSocketConnection> OpenAsync(Guid workspace)
    {
        var socket = await WebSocketConnection.OpenAsync(_push.Address, workspace, _feed.Token(_ada));
        await socket.NextAsync("welcome");
        return socket;
    }

    private Task<long> PublishAsync(Guid workspace, byte[] message) => _redis.Client.GetSubscriber().PublishAsync(RedisChannel.Literal(Topology.Channels.Events(workspace)), message);
}
