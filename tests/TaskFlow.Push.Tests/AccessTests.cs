using System.Net.WebSockets;
using StackExchange.Redis;
using TaskFlow.Contracts;
using TaskFlow.Push.Tests.Support;
using TaskFlow.Testing;

namespace TaskFlow.Push.Tests;

/// <summary>Who gets in, and when an open connection ends because of who it is.</summary>
public sealed class AccessTests(RedisServer redis) : PushTest(redis)
{
    [Fact]
    public async Task No_or_bad_token_is_401_before_any_upgrade()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        var expired = Feed.Token(Ada, lifetime: TimeSpan.FromMinutes(-1));
        foreach (var token in (string?[])[null, "", "x", "a.b.c", expired, Feed.Token(Ada)[..^4] + "AAAA"])
        {
            using var client = Push.CreateClient(token);
            foreach (var route in (string[])["ws", "sse", "poll"])
            {
                var answer = await client.GetJsonAsync($"/realtime/{workspace}/{route}");
                Assert.Equal((401, "unauthorized"), (answer.Status, answer.Code));
            }
        }
        using var inQuery = Push.CreateClient();
        (await inQuery.GetJsonAsync($"/realtime/{workspace}/poll?wait=0&access_token={Feed.Token(Ada)}")).Expect(200);
        (await inQuery.GetJsonAsync($"/realtime/{workspace}/poll?access_token=x")).Expect(401);
    }

    /// <summary>Service discovery goes by the name of the entry: Container Apps gives the Api's address under https alone.</summary>
    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task The_Api_is_found_by_the_one_entry_that_there_is(string entry)
    {
        var instance = await StartAnotherAsync(("apiEntry", entry));
        using var client = instance.CreateClient(Feed.Token(Ada));
        (await client.GetJsonAsync($"/realtime/{Feed.CreateWorkspace(Ada)}/poll?wait=0")).Expect(200);
    }

    [Fact]
    public async Task Strangers_unknown_workspaces_and_tokens_for_another_one_are_403()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        using var stranger = Push.CreateClient(Feed.Token(Person.New("Mallory Example")));
        Assert.Equal("forbidden", (await stranger.GetJsonAsync($"/realtime/{workspace}/sse")).Expect(403).Code);
        using var ada = Push.CreateClient(Feed.Token(Ada));
        (await ada.GetJsonAsync($"/realtime/{Guid.NewGuid()}/poll")).Expect(403);
        (await ada.GetJsonAsync("/realtime/no-id/poll")).Expect(403);
        using var elsewhere = Push.CreateClient(Feed.Token(Ada, Feed.CreateWorkspace(Ada)));
        (await elsewhere.GetJsonAsync($"/realtime/{workspace}/poll?wait=0")).Expect(403);
    }

    [Fact]
    public async Task Browsers_come_from_the_web_app_only()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        using var client = Push.CreateClient(Feed.Token(Ada));
        var allowed = (await client.SendAsync(HttpMethod.Get, $"/realtime/{workspace}/poll?wait=0", headers: [("Origin", "http://localhost:5100")])).Expect(200);
        Assert.Equal("http://localhost:5100", allowed.Headers.GetValues("Access-Control-Allow-Origin").Single());
        (await client.SendAsync(HttpMethod.Get, $"/realtime/{workspace}/poll?wait=0", headers: [("Origin", "https://evil.example")])).Expect(403);
        (await client.SendAsync(HttpMethod.Get, $"/realtime/{workspace}/poll?wait=0", headers: [("Origin", "null")])).Expect(403);
        var preflight = await client.SendAsync(HttpMethod.Options, $"/realtime/{workspace}/send",
            headers: [("Origin", "http://localhost:5100"), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "authorization,content-type")]);
        Assert.Equal(204, preflight.Status);
        Assert.Equal("http://localhost:5100", preflight.Headers.GetValues("Access-Control-Allow-Origin").Single());
    }

    [Fact]
    public async Task A_plain_request_to_the_WebSocket_route_is_told_to_upgrade()
    {
        using var client = Push.CreateClient(Feed.Token(Ada));
        Assert.Equal(426, (await client.GetJsonAsync($"/realtime/{Feed.CreateWorkspace(Ada)}/ws")).Status);
    }

    [Fact]
    public async Task A_member_since_a_moment_ago_gets_in()
    {
        var bob = Person.New("Bob Example");
        var workspace = Feed.CreateWorkspace(Ada);
        await using var hers = await OpenAsync(workspace);
        Feed.AddMember(workspace, bob);
        await using var his = await OpenAsync(workspace, bob);
        Assert.Equal("member.added", (await hers.NextAsync("member.added")).Text("type"));
    }

    [Fact]
    public async Task Removal_ends_the_connections_with_4403()
    {
        var bob = Person.New("Bob Example");
        var workspace = Feed.CreateWorkspace(Ada, bob);
        await using var hers = await OpenAsync(workspace);
        await using var his = await OpenAsync(workspace, bob);
        var stream = await SseConnection.OpenAsync(Push.Address, workspace, Feed.Token(bob));
        await stream.NextAsync("welcome");
        await Push.DeliverAsync(Feed.RemoveMember(workspace, bob));
        await his.Ended.WaitAsync(Deadline.Default);
        Assert.Equal(4403, his.CloseCode);
        Assert.Equal("forbidden", (await stream.NextAsync("error")).Text("code"));
        await stream.Ended.WaitAsync(Deadline.Default);
        await stream.DisposeAsync();
        await hers.NextAsync("member.removed");
        await Assert.ThrowsAsync<WebSocketException>(() => OpenAsync(workspace, bob));
    }

    [Fact]
    public async Task Deleting_the_workspace_ends_all_with_4403()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        await using var socket = await OpenAsync(workspace);
        Feed.Delete(workspace);
        await socket.Ended.WaitAsync(Deadline.Default);
        Assert.Equal(4403, socket.CloseCode);
    }

    [Fact]
    public async Task Revocation_ends_the_session_by_hint_and_by_the_heads()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        await using var byHeads = await OpenAsync(workspace);
        Feed.Revoked[Ada.Session] = true;
        await byHeads.Ended.WaitAsync(Deadline.Default);
        Assert.Equal(4401, byHeads.CloseCode);
        using var client = Push.CreateClient(Feed.Token(Ada));
        (await client.GetJsonAsync($"/realtime/{workspace}/poll")).Expect(401);

        var again = Ada with { Session = Guid.NewGuid() };
        await using var byHint = await OpenAsync(workspace, again);
        await using var stream = await SseConnection.OpenAsync(Push.Address, workspace, Feed.Token(again));
        await stream.NextAsync("welcome");
        await Redis.Client.GetSubscriber().PublishAsync(RedisChannel.Literal(Topology.Channels.SessionsRevoked), again.Session.ToString());
        await byHint.Ended.WaitAsync(Deadline.Default);
        Assert.Equal(4401, byHint.CloseCode);
        Assert.Equal("unauthorized", (await stream.NextAsync("error")).Text("code"));
    }

    [Fact]
    public async Task A_connection_lives_as_long_as_its_last_token_allows()
    {
        var brief = await StartAnotherAsync(("Realtime:SessionSeconds", "4"));
        var workspace = Feed.CreateWorkspace(Ada);
        await using var left = await OpenAsync(workspace, instance: brief);
        await using var extended = await OpenAsync(workspace, instance: brief);
        using var stop = new CancellationTokenSource();
        var extending = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await extended.SendAsync(new { type = "auth", token = Feed.Token(Ada, workspace) });
                await Task.Delay(500);
            }
        });
        await left.Ended.WaitAsync(Deadline.Default);
        Assert.Equal(4401, left.CloseCode);
        await AppendAsync(workspace, 1, brief);
        await extended.EventsUntilAsync(2);
        await stop.CancelAsync();
        await extending;
        await extended.Ended.WaitAsync(Deadline.Default);
        Assert.Equal(4401, extended.CloseCode);
    }

    [Fact]
    public async Task A_bad_token_in_auth_is_an_error_and_changes_nothing()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        await using var socket = await OpenAsync(workspace);
        foreach (var token in (string[])["x", Feed.Token(Person.New("Eve Example")), Feed.Token(Ada, Guid.NewGuid()), Feed.Token(Ada, lifetime: TimeSpan.FromMinutes(-1))])
        {
            await socket.SendAsync(new { type = "auth", token, @ref = "t" });
            var error = await socket.NextAsync("error");
            Assert.Equal(("unauthorized", "t"), (error.Text("code"), error.Text("ref")));
        }
        await socket.SendAsync(new { type = "ping" });
        await socket.NextAsync("pong");
    }

    [Fact]
    public async Task A_new_signing_key_is_read_when_it_first_shows()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        await using var first = await OpenAsync(workspace);
        Feed.KeyId = "test-2";
        await Deadline.UntilAsync("the new key was read", async () =>
        {
            using var client = Push.CreateClient(Feed.Token(Ada));
            return (await client.GetJsonAsync($"/realtime/{workspace}/poll?wait=0")).Status == 200;
        });
    }

    [Fact]
    public async Task Tokens_do_not_reach_the_log()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        var token = Feed.Token(Ada);
        using var client = Push.CreateClient();
        (await client.GetJsonAsync($"/realtime/{workspace}/poll?wait=0&access_token={token}")).Expect(200);
        (await client.GetJsonAsync($"/realtime/{workspace}/poll?after=x&access_token={token}")).Expect(400);
        (await client.GetJsonAsync($"/realtime/{Guid.NewGuid()}/poll?access_token={token}")).Expect(403);
        (await client.GetJsonAsync($"/nothing?access_token={token}")).Expect(404);
        Assert.DoesNotContain(Push.Log.Lines, line => line.Contains(token, StringComparison.Ordinal) || line.Contains("access_token", StringComparison.Ordinal));
    }
}
