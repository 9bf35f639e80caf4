using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using TaskFlow.Push.Connections;
using TaskFlow.Push.Tests.Support;
using TaskFlow.Push.WorkspaceLogs;
using TaskFlow.Testing;

namespace TaskFlow.Push.Tests;

/// <summary>Polls that are held: what ends them, and that they do not get into each other's way although one thread answers many.</summary>
public sealed class HeldPollTests(RedisServer redis) : PushTest(redis)
{
    [Fact]
    public async Task Requests_sent_ahead_are_answered_in_order_and_hold_nobody_up()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        using var client = Push.CreateClient(Feed.Token(Ada));
        var held = client.GetJsonAsync($"/realtime/{workspace}/poll?after=1&wait=50");
        using var ahead = await RawSocket.ConnectAsync(Push.Address);
        var request = $"GET /realtime/{workspace}/poll?after=1&wait=50 HTTP/1.1\r\nHost: {Push.Address.Authority}\r\nAuthorization: Bearer {Feed.Token(Ada)}\r\n\r\n";
        await ahead.WriteAsync(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(request, 50))));
        await Deadline.UntilAsync("both are held", () => Task.FromResult(Polls(workspace).Count(poll => poll.IsOpen) == 2));
        await Push.DeliverAsync(Feed.Append(workspace));
        Assert.Equal([2], Seqs((await held.WaitAsync(Deadline.Default)).Expect(200).Json["events"]!.AsArray()!));
        for (var i = 0; i < 50; i++)
        {
            var (head, json) = await ahead.ReadAnswerAsync();
            Assert.StartsWith("HTTP/1.1 200", head, StringComparison.Ordinal);
            Assert.Equal([2], Seqs(json["events"]!.AsArray()!));
        }
    }

    [Fact]
    public async Task An_answer_that_is_not_taken_is_given_up()
    {
        var impatient = await StartAnotherAsync(("Realtime:IdleSeconds", "2"));
        var workspace = Feed.CreateWorkspace(Ada);
        for (var i = 0; i < 60; i++) await impatient.DeliverAsync(Feed.Append(workspace, payload: new { description = new string('d', 8_000) }));
        using var slow = await RawSocket.ConnectAsync(impatient.Address, receiveBuffer: 4096);
        var request = $"GET /realtime/{workspace}/poll?after=1 HTTP/1.1\r\nHost: {impatient.Address.Authority}\r\nAuthorization: Bearer {Feed.Token(Ada)}\r\n\r\n";
        await slow.WriteAsync(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(request, 50)))); // More than all buffers on the way take.
        await Deadline.UntilAsync("it was cut off", async () =>
        {
            try { await slow.WriteAsync("G"u8.ToArray()); }
            catch (IOException) { return true; }
            return false;
        });
        await Deadline.UntilAsync("nothing is held for it", () => Task.FromResult(Polls(workspace, impatient).ToList() is { Count: > 0 and < 50 } polls && !polls.Any(poll => poll.IsOpen)));
    }

    [Fact]
    public async Task A_newer_poll_of_the_same_client_ends_the_older_one_at_once()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        using var client = Push.CreateClient(Feed.Token(Ada));
        var id = (await client.GetJsonAsync($"/realtime/{workspace}/poll")).Expect(200).Json.Text("connectionId");
        var path = $"/realtime/{workspace}/poll?after=1&wait=50&connectionId={id}";
        var older = client.GetJsonAsync(path);
        await Deadline.UntilAsync("it is held", () => Task.FromResult(Polls(workspace).Any(poll => poll.IsOpen)));
        var newer = client.GetJsonAsync(path);
        Assert.Empty((await older.WaitAsync(Deadline.Default)).Expect(200).Json["events"]!.AsArray());
        Assert.False(newer.IsCompleted);
        await Push.DeliverAsync(Feed.Append(workspace));
        Assert.Equal([2], Seqs((await newer.WaitAsync(Deadline.Default)).Expect(200).Json["events"]!.AsArray()!));
    }

    [Fact]
    public async Task The_patience_of_one_poll_does_not_end_the_next()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        using var client = Push.CreateClient(Feed.Token(Ada));
        var id = (await client.GetJsonAsync($"/realtime/{workspace}/poll")).Expect(200).Json.Text("connectionId");
        var first = client.GetJsonAsync($"/realtime/{workspace}/poll?after=1&wait=2&connectionId={id}");
        await Task.Delay(1_000);
        await Push.DeliverAsync(Feed.Append(workspace));
        (await first.WaitAsync(Deadline.Default)).Expect(200);
        var started = Stopwatch.GetTimestamp();
        var second = (await client.GetJsonAsync($"/realtime/{workspace}/poll?after=2&wait=2&connectionId={id}")).Expect(200).Json;
        Assert.Empty(second["events"]!.AsArray());
        Assert.True(Stopwatch.GetElapsedTime(started) >= TimeSpan.FromMilliseconds(1_900));
    }

    [Fact]
    public async Task A_client_that_goes_lets_go_of_its_poll()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        using var client = Push.CreateClient(Feed.Token(Ada));
        using var going = new CancellationTokenSource();
        var held = client.GetAsync(new Uri($"/realtime/{workspace}/poll?after=1&wait=50", UriKind.Relative), going.Token);
        await Deadline.UntilAsync("it is held", () => Task.FromResult(Polls(workspace).Any(poll => poll.IsOpen)));
        await going.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => held);
        await Deadline.UntilAsync("it rests", () => Task.FromResult(Polls(workspace).All(poll => !poll.IsOpen)));
    }

    [Fact]
    public async Task Those_who_share_an_answer_are_told_only_of_their_own_notifications()
    {
        var bob = Person.New("Bob Example");
        var workspace = Feed.CreateWorkspace(Ada, bob);
        using var ada = Push.CreateClient(Feed.Token(Ada));
        using var other = Push.CreateClient(Feed.Token(bob));
        var held = new[] { ada, other }.Select(client => client.GetJsonAsync($"/realtime/{workspace}/poll?after=2&wait=50")).ToList();
        await Deadline.UntilAsync("both are held", () => Task.FromResult(Polls(workspace).Count(poll => poll.IsOpen) == 2));
        await Push.DeliverAsync(Feed.Append(workspace, notifications: [(Ada, "for Ada"), (bob, "for Bob"), (Ada, "for Ada too")]));
        var answers = await Task.WhenAll(held).WaitAsync(Deadline.Default);
        Assert.Equal(answers[0].Json["events"]!.ToJsonString(), answers[1].Json["events"]!.ToJsonString());
        Assert.Equal(["for Ada", "for Ada too"], answers[0].Json["notifications"]!.AsArray().Select(item => item.Text("text")));
        Assert.Equal(["for Bob"], answers[1].Json["notifications"]!.AsArray().Select(item => item.Text("text")));
    }

    [Fact]
    public async Task Events_are_put_together_once_for_all_who_ask_for_the_same()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        var log = (await Push.Services.GetRequiredService<OpenLogs>().OpenAsync(workspace, null, CancellationToken.None))!;
        log.Offer([LogEvent.Parse(Feed.Append(workspace))], here: true);
        var made = log.ReadRing(1, 500, 512 * 1024)!;
        Assert.Same(made, log.ReadRing(1, 500, 512 * 1024));
        log.Offer([LogEvent.Parse(Feed.Append(workspace))], here: true);
        Assert.Equal((2, 3), (made.Last, log.ReadRing(1, 500, 512 * 1024)!.Last));
    }

    private IEnumerable<Connection> Polls(Guid workspace, PushInstance? instance = null) => (instance ?? Push).Services.GetRequiredService<OpenLogs>().Find(workspace)?.Connections.All() ?? [];
}
