using TaskFlow.Push.Tests.Support;
using TaskFlow.Testing;

namespace TaskFlow.Push.Tests;

/// <summary>On a machine that is busy the tick of a second comes so late that the next one is seen instead. What was due in it must not be left out.</summary>
public sealed class LateTickTests(RedisServer redis) : PushTest(redis)
{
    [Fact]
    public async Task A_skipped_second_skips_nobodys_heartbeat()
    {
        var late = await StartAnotherAsync(new EverySecondSecond(), ("Realtime:HeartbeatSeconds", "3"));
        var workspace = Feed.CreateWorkspace(Ada);
        var connections = new List<RealtimeConnection>();
        // Their turns are spread over the period by chance: eight of them have both kinds.
        for (var i = 0; i < 8; i++) connections.Add(await OpenAsync(workspace, instance: late));
        foreach (var connection in connections)
        {
            await connection.NextAsync("heartbeat");
            await connection.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_skipped_second_skips_no_ping()
    {
        var late = await StartAnotherAsync(new EverySecondSecond(), ("Realtime:HeartbeatSeconds", "2"), ("Realtime:IdleSeconds", "6"));
        var workspace = Feed.CreateWorkspace(Ada);
        using var silent = await RawSocket.OpenAsync(late.Address, workspace, Feed.Token(Ada));
        await using var answering = await OpenAsync(workspace, instance: late); // ClientWebSocket answers pings.
        Assert.Equal(4408, await silent.ReadCloseAsync());
        await AppendAsync(workspace, 1, late);
        await answering.EventsUntilAsync(2);
    }

    /// <summary>A clock that shows 0, 1, 3, 5 … seconds: each of them for two.</summary>
    private sealed class EverySecondSecond : TimeProvider
    {
        private readonly long _start = System.GetTimestamp();

        public override long GetTimestamp()
        {
            var seconds = (long)System.GetElapsedTime(_start).TotalSeconds;
            return (seconds < 1 ? 0 : ((seconds + 1) / 2 * 2) - 1) * TimestampFrequency;
        }
    }
}
