using System.Net.WebSockets;
using System.Text;
using TaskFlow.Push.Tests.Support;
using TaskFlow.Testing;

namespace TaskFlow.Push.Tests;

/// <summary>Every limit of the protocol with its close code.</summary>
public sealed class LimitTests(RedisServer redis) : PushTest(redis)
{
    [Fact]
    public async Task A_frame_over_64_KB_closes_with_1009_and_one_of_64_KB_does_not()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        await using var socket = await OpenAsync(workspace);
        await socket.SendAsync(Padded(64 * 1024));
        await socket.NextAsync("pong");
        await socket.SendAsync(Padded(64 * 1024 + 1));
        await socket.Ended.WaitAsync(Deadline.Default);
        Assert.Equal(1009, socket.CloseCode);
    }

    [Fact]
    public async Task The_fifth_bad_frame_closes_with_4400()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        await using var socket = await OpenAsync(workspace);
        string[] bad = ["{", """{"type":"no.such"}""", """{"type":"presence.join","taskId":"x","ref":"three"}""", "[]", """{"type":"presence.typing","taskId":"0198f3e4-0000-7000-8000-000000000000"}"""];
        foreach (var frame in bad)
        {
            await socket.SendAsync(frame);
            Assert.Equal("validation_failed", (await socket.NextAsync("error")).Text("code"));
        }
        await socket.Ended.WaitAsync(Deadline.Default);
        Assert.Equal(4400, socket.CloseCode);
    }

    [Fact]
    public async Task What_is_over_the_rate_is_refused_and_three_seconds_of_it_close_with_4429()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        await using var socket = await OpenAsync(workspace);
        for (var i = 0; i < 45; i++) await socket.SendAsync($$"""{"type":"ping","ref":"{{i}}"}""");
        var error = await socket.NextAsync("error");
        Assert.Equal("rate_limited", error.Text("code"));
        Assert.NotNull(error["ref"]);
        try
        {
            while (!socket.Ended.IsCompleted)
            {
                for (var i = 0; i < 40; i++) await socket.SendAsync("""{"type":"ping"}""");
                await Task.Delay(200);
            }
        }
        catch (WebSocketException) { }
        await socket.Ended.WaitAsync(Deadline.Default);
        Assert.Equal(4429, socket.CloseCode);
    }

    [Fact]
    public async Task Silence_closes_with_4408_and_a_pong_is_no_silence()
    {
        var impatient = await StartAnotherAsync(("Realtime:IdleSeconds", "4"), ("Realtime:HeartbeatSeconds", "2"));
        var workspace = Feed.CreateWorkspace(Ada);
        using var silent = await RawSocket.OpenAsync(impatient.Address, workspace, Feed.Token(Ada));
        await using var answering = await OpenAsync(workspace, instance: impatient); // ClientWebSocket answers pings.
        Assert.Equal(4408, await silent.ReadCloseAsync());
        await AppendAsync(workspace, 1, impatient);
        await answering.EventsUntilAsync(2);
    }

    [Fact]
    public async Task No_write_progress_ends_the_connection()
    {
        var impatient = await StartAnotherAsync(("Realtime:IdleSeconds", "3"));
        var workspace = Feed.CreateWorkspace(Ada);
        using var stalled = await RawSocket.OpenAsync(impatient.Address, workspace, Feed.Token(Ada), receiveBuffer: 4096);
        var big = new string('x', 30_000);
        for (var i = 0; i < 300; i++) await impatient.DeliverAsync(Feed.Append(workspace, payload: new { description = big }));
        var logs = (WorkspaceLogs.OpenLogs)impatient.Services.GetService(typeof(WorkspaceLogs.OpenLogs))!;
        await Deadline.UntilAsync("the stalled connection was given up", () => Task.FromResult(logs.Find(workspace)?.Connections.Count is 0 or null));
    }

    [Fact]
    public async Task Send_is_limited_to_64_KB_and_30_frames_a_second()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        await using var stream = await SseConnection.OpenAsync(Push.Address, workspace, Feed.Token(Ada));
        await stream.NextAsync("welcome");
        using var client = Push.CreateClient(Feed.Token(Ada));
        var path = $"/realtime/{workspace}/send";
        var tooLarge = await client.PostJsonAsync(path, $$"""{"connectionId":"{{stream.ConnectionId}}","frames":[{{Padded(64 * 1024)}}]}""");
        Assert.Equal((413, "too_large"), (tooLarge.Status, tooLarge.Code));
        object[] frames = [.. Enumerable.Range(0, 31).Select(_ => new { type = "ping" })];
        var tooMany = await client.PostJsonAsync(path, new { connectionId = stream.ConnectionId, frames });
        Assert.Equal((429, "rate_limited"), (tooMany.Status, tooMany.Code));
        Assert.NotNull(tooMany.Headers.RetryAfter);
        (await client.PostJsonAsync(path, new { connectionId = stream.ConnectionId, frames = frames[..5] })).Expect(202);
        Assert.Equal("not_found", (await client.PostJsonAsync(path, new { connectionId = "nobody", frames })).Expect(404).Code);
        Assert.Equal("validation_failed", (await client.PostJsonAsync(path, "{")).Expect(400).Code);
        (await client.PostJsonAsync(path, new { connectionId = stream.ConnectionId })).Expect(400);
        using var stranger = Push.CreateClient(Feed.Token(Person.New("Mallory Example")));
        (await stranger.PostJsonAsync(path, new { connectionId = stream.ConnectionId, frames = frames[..1] })).Expect(404);
        using var text = new StringContent("{}", Encoding.UTF8, "text/plain");
        Assert.Equal(415, (int)(await client.PostAsync(path, text)).StatusCode);
    }

    [Fact]
    public async Task Connections_per_person_and_workspace_and_handshakes_are_limited()
    {
        var strict = await StartAnotherAsync(("Realtime:MaxConnectionsPerUser", "2"), ("Realtime:MaxConnectionsPerWorkspace", "3"), ("Realtime:HandshakeBurst", "8"), ("Realtime:HandshakesPerSecond", "1"));
        var bob = Person.New("Bob Example");
        var workspace = Feed.CreateWorkspace(Ada, bob);
        await using var one = await OpenAsync(workspace, instance: strict);
        var two = await OpenAsync(workspace, instance: strict);
        await RefusedAsync(Ada);
        await using var three = await OpenAsync(workspace, bob, instance: strict);
        await RefusedAsync(bob);
        await two.DisposeAsync();
        await Deadline.UntilAsync("a place was free again", async () =>
        {
            try { await using var again = await OpenAsync(workspace, bob, instance: strict); }
            catch (WebSocketException) { return false; }
            return true;
        });
        using var client = strict.CreateClient(Feed.Token(Ada));
        await Deadline.UntilAsync("the handshakes ran out", async () => (await client.GetJsonAsync($"/realtime/{workspace}/ws")).Status == 429);
        // A connection that does not exist is no way around it.
        Assert.Equal(429, (await client.GetJsonAsync($"/realtime/{workspace}/poll?connectionId=none")).Status);

        async Task RefusedAsync(Person person)
        {
            using var client = strict.CreateClient(Feed.Token(person));
            var answer = await client.GetJsonAsync($"/realtime/{workspace}/sse");
            Assert.Equal((429, "rate_limited"), (answer.Status, answer.Code));
        }
    }

    private static string Padded(int size)
    {
        const string start = """{"type":"ping","padding":" """;
        return start + new string('x', size - start.Length - 2) + "\"}";
    }
}
