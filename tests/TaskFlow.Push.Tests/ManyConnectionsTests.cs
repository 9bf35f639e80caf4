using Microsoft.Extensions.DependencyInjection;
using TaskFlow.Push.Tests.Support;
using TaskFlow.Push.WorkspaceLogs;
using TaskFlow.Testing;

namespace TaskFlow.Push.Tests;

/// <summary>More connections to one workspace than one shard takes, and their coming and going while events come.</summary>
public sealed class ManyConnectionsTests(RedisServer redis) : PushTest(redis)
{
    [Fact]
    public async Task Everybody_gets_every_event_while_others_come_and_go()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        var sockets = new List<WebSocketConnection>(await OpenManyAsync(workspace, 200));
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested) await Push.DeliverAsync(Feed.Append(workspace));
        });
        for (var round = 0; round < 3; round++)
        {
            // Every second one goes: from every shard some.
            for (var i = sockets.Count - 1; i >= 0; i -= 2)
            {
                await sockets[i].DisposeAsync();
                sockets.RemoveAt(i);
            }
            sockets.AddRange(await OpenManyAsync(workspace, 60));
        }
        await stop.CancelAsync();
        await writing;
        await AppendAsync(workspace, 1);
        var head = Feed.Head(workspace);
        await Deadline.UntilAsync("those who left are no longer counted", () => Task.FromResult(Push.Services.GetRequiredService<OpenLogs>().Find(workspace)!.Connections.Count == sockets.Count));
        await Task.WhenAll(sockets.Select(async socket =>
        {
            var seqs = Seqs(await socket.EventsUntilAsync(head)).ToList();
            Assert.Equal(Range(seqs[0], head), seqs);
            await socket.DisposeAsync();
        }));
    }

    private Task<WebSocketConnection[]> OpenManyAsync(Guid workspace, int count) => Task.WhenAll(Enumerable.Range(0, count).Select(_ => OpenAsync(workspace)));
}
