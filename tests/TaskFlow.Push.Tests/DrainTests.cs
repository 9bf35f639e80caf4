using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using TaskFlow.Push.Tests.Support;
using TaskFlow.Testing;

namespace TaskFlow.Push.Tests;

/// <summary>What clients see when an instance stops.</summary>
public sealed class DrainTests(RedisServer redis) : PushTest(redis)
{
    [Fact]
    public async Task Clients_are_sent_elsewhere_one_after_the_other_and_closed_at_the_end()
    {
        var leaving = await StartAnotherAsync(("Realtime:DrainSeconds", "3"));
        var workspace = Feed.CreateWorkspace(Ada);
        var sockets = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => OpenAsync(workspace, instance: leaving)));
        await using var stream = await SseConnection.OpenAsync(leaving.Address, workspace, Feed.Token(Ada));
        await stream.NextAsync("welcome");
        using var client = leaving.CreateClient(Feed.Token(Ada));
        var held = client.GetJsonAsync($"/realtime/{workspace}/poll?after=1&wait=50");
        await Deadline.UntilAsync("the poll is held", () => Task.FromResult(Logs(leaving).Find(workspace)?.Connections.Count == 12));

        var stopping = leaving.StopAsync();
        var delays = new List<long>();
        foreach (var socket in sockets) delays.Add((await socket.NextAsync("goaway")).Number("retryAfterMs"));
        Assert.Equal(delays.Count, delays.Distinct().Count());
        Assert.InRange(delays.Max(), 1_000, 3_000);
        var answer = (await held.WaitAsync(Deadline.Default)).Expect(200).Json;
        Assert.Equal("goaway", answer["frames"]![0].Text("type"));
        var health = await client.GetJsonAsync("/health");
        Assert.Equal(503, health.Status);
        var refused = await client.GetJsonAsync($"/realtime/{workspace}/sse");
        Assert.Equal((503, "unavailable"), (refused.Status, refused.Code));
        Assert.NotNull(refused.Headers.RetryAfter);
        (await client.GetJsonAsync("/alive")).Expect(200);
        await stream.SendAsync(new { type = "ping", @ref = "still" }); // Who is still served may still speak.
        Assert.Equal("still", (await stream.NextAsync("pong")).Text("ref"));
        foreach (var socket in sockets)
        {
            await socket.Ended.WaitAsync(Deadline.Default);
            Assert.Equal(1001, socket.CloseCode);
            await socket.DisposeAsync();
        }
        Assert.Equal("unavailable", (await stream.NextAsync("error")).Text("code"));
        await stopping.WaitAsync(Deadline.Default);
    }

    [Fact]
    public async Task The_host_waits_for_a_drain_of_any_length()
    {
        var patient = await StartAnotherAsync(("Realtime:DrainSeconds", "120"));
        Assert.True(patient.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout > TimeSpan.FromSeconds(120));
    }

    [Fact]
    public async Task Who_follows_the_protocol_misses_nothing_while_instances_are_replaced()
    {
        var second = await StartAnotherAsync();
        var third = await StartAnotherAsync();
        var workspace = Feed.CreateWorkspace(Ada);
        PushInstance[] order = [second, third, Push];
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested) await Push.DeliverAsync(Feed.Append(workspace));
        });
        var received = new List<long> { 1 };
        for (var i = 0; i < order.Length; i++)
        {
            await using var socket = await OpenAsync(workspace, query: $"after={received[^1]}", instance: order[i]);
            received.AddRange(Seqs(await socket.EventsUntilAsync(received[^1] + 20)));
            if (i == order.Length - 1) break;
            var stopping = order[i].StopAsync();
            while (true)
            {
                var frame = await socket.NextAsync();
                received.AddRange(Seqs(RealtimeConnection.EventsOf(frame)));
                if (frame.Text("type") == "goaway") break;
            }
            await socket.DisposeAsync();
            await stopping.WaitAsync(Deadline.Default);
        }
        await stop.CancelAsync();
        await writing;
        Assert.Equal(Range(1, received[^1]), received);
    }

    private static WorkspaceLogs.OpenLogs Logs(PushInstance instance) => (WorkspaceLogs.OpenLogs)instance.Services.GetService(typeof(WorkspaceLogs.OpenLogs))!;
}
