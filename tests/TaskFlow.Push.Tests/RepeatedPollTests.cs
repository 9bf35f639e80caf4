using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using TaskFlow.Push.Tests.Support;
using TaskFlow.Push.WorkspaceLogs;
using TaskFlow.Testing;

namespace TaskFlow.Push.Tests;

/// <summary>
/// Polls that repeat the one before byte for byte but for the seq, on the same connection: answered past HTTP, and nobody can tell the difference. Whatever
/// is no such repetition is answered by HTTP, on the same connection, in order.
/// </summary>
public sealed class RepeatedPollTests(RedisServer redis) : PushTest(redis)
{
    private const string Repeated = "taskflow.push.repeated_polls";

    [Fact]
    public async Task Each_event_comes_once_and_in_order_and_http_has_no_more_part_in_it()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        using var repeated = new Counted(Repeated, Push);
        using var poller = await PollerAsync(workspace);
        var received = new List<long>();
        for (var i = 0; i < 20; i++)
        {
            await poller.AskAsync(poller.Last);
            await AppendAsync(workspace, 1);
            received.AddRange(Seqs((await poller.AnswerAsync()).Json["events"]!.AsArray()!));
        }
        Assert.Equal(Range(2, 21), received);
        Assert.Equal(20, repeated.Count);
    }

    [Fact]
    public async Task The_answer_has_what_the_answer_of_http_has()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        using var repeated = new Counted(Repeated, Push);
        using var poller = await PollerAsync(workspace);
        await AppendAsync(workspace, 1);
        using var client = await RawSocket.ConnectAsync(Push.Address);
        using var other = new Poller(client, workspace, Feed.Token(Ada), Push.Address.Authority, "", "");
        var (byHttp, ofHttp) = await other.PollAsync(1);
        Assert.Equal(0, repeated.Count);
        var (head, json) = await poller.PollAsync(1);
        Assert.Equal(1, repeated.Count);
        Assert.Equal(Names(byHttp), Names(head));
        Assert.Contains("Cache-Control: no-store", head, StringComparison.Ordinal);
        Assert.Contains("Content-Type: application/json; charset=utf-8", head, StringComparison.Ordinal);
        json["connectionId"] = ofHttp["connectionId"]!.DeepClone();
        Assert.Equal(ofHttp.ToJsonString(), json.ToJsonString());

        static IEnumerable<string> Names(string head) => head.Split("\r\n").Skip(1).Select(line => line.Split(':')[0]).Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task Other_requests_in_between_are_answered_by_http()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        using var repeated = new Counted(Repeated, Push);
        using var poller = await PollerAsync(workspace);
        for (var round = 0; round < 6; round++)
        {
            await AppendAsync(workspace, 1);
            Assert.Equal([round + 2L], Seqs((await poller.PollAsync(poller.Last)).Json["events"]!.AsArray()!));
            var frames = $$"""{"connectionId":"{{poller.Id}}","frames":[{"type":"ping","ref":"{{round}}"}]}""";
            await poller.WriteAsync($"POST /realtime/{workspace}/send HTTP/1.1\r\nHost: {Push.Address.Authority}\r\nAuthorization: Bearer {Feed.Token(Ada)}\r\nContent-Type: application/json\r\nContent-Length: {frames.Length}\r\n\r\n{frames}");
            Assert.StartsWith("HTTP/1.1 202", await poller.Socket.ReadHeadAsync(), StringComparison.Ordinal);
            var pong = Assert.Single((await poller.PollAsync(poller.Last)).Json["frames"]!.AsArray());
            Assert.Equal(("pong", $"{round}"), (pong.Text("type"), pong.Text("ref")));
        }
        Assert.InRange(repeated.Count, 1, 11);
    }

    [Fact]
    public async Task A_repetition_that_comes_byte_by_byte_is_answered_all_the_same()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        using var poller = await PollerAsync(workspace);
        await AppendAsync(workspace, 1);
        foreach (var letter in poller.Request(1)) await poller.WriteAsync(letter.ToString());
        Assert.Equal([2], Seqs((await poller.AnswerAsync()).Json["events"]!.AsArray()!));
    }

    [Fact]
    public async Task Repetitions_sent_ahead_are_answered_in_order_and_hold_nobody_up()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        using var client = Push.CreateClient(Feed.Token(Ada));
        using var poller = await PollerAsync(workspace);
        var held = client.GetJsonAsync($"/realtime/{workspace}/poll?after=1&wait=50");
        await poller.WriteAsync(string.Concat(Enumerable.Repeat(poller.Request(1), 50)));
        await Deadline.UntilAsync("both are held", () => Task.FromResult(Held(workspace) == 2));
        await AppendAsync(workspace, 1);
        Assert.Equal([2], Seqs((await held.WaitAsync(Deadline.Default)).Expect(200).Json["events"]!.AsArray()!));
        for (var i = 0; i < 50; i++) Assert.Equal([2], Seqs((await poller.AnswerAsync()).Json["events"]!.AsArray()!));
    }

    [Theory]
    [InlineData("x", 400)]
    [InlineData("", 400)]
    [InlineData("-1", 400)]
    [InlineData("99999999999999999999", 400)]
    [InlineData("9223372036854775808", 400)]
    [InlineData("1%31", 200)]
    public async Task A_place_that_is_none_is_refused(string after, int status)
    {
        var workspace = Feed.CreateWorkspace(Ada);
        using var poller = await PollerAsync(workspace);
        await poller.WriteAsync(poller.Request(1).Replace("after=1", $"after={after}", StringComparison.Ordinal));
        var (head, json) = await poller.AnswerAsync();
        Assert.StartsWith($"HTTP/1.1 {status}", head, StringComparison.Ordinal);
        if (status == 400) Assert.Equal("validation_failed", json.Text("code"));
        Assert.StartsWith("HTTP/1.1 200", (await poller.PollAsync(0)).Head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_place_that_is_not_to_be_had_means_reset_and_one_before_the_ring_is_read_from_the_feed()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        for (var i = 0; i < 9; i++) Feed.Append(workspace);
        await using var first = await OpenAsync(workspace); // The ring begins where the log was opened.
        using var poller = await PollerAsync(workspace);
        Assert.Equal(Range(3, 10), Seqs((await poller.PollAsync(2)).Json["events"]!.AsArray()!));
        Assert.True((bool)(await poller.PollAsync(100)).Json["reset"]!);
        await AppendAsync(workspace, 1);
        Assert.Equal([11], Seqs((await poller.PollAsync(10)).Json["events"]!.AsArray()!));
    }

    [Fact]
    public async Task Who_shows_another_token_on_the_same_connection_is_asked_who_they_are()
    {
        var bob = Person.New("Bob Example");
        var workspace = Feed.CreateWorkspace(Ada);
        using var poller = await PollerAsync(workspace);
        await poller.WriteAsync(poller.Request(1).Replace(poller.Token, Feed.Token(bob), StringComparison.Ordinal));
        Assert.StartsWith("HTTP/1.1 403", (await poller.AnswerAsync()).Head, StringComparison.Ordinal);
        await poller.WriteAsync(poller.Request(1).Replace(poller.Token, poller.Token[..^9] + "AAAAAAAAA", StringComparison.Ordinal));
        Assert.StartsWith("HTTP/1.1 401", (await poller.AnswerAsync()).Head, StringComparison.Ordinal);
        await poller.WriteAsync(poller.Request(1).Replace($"{workspace}", $"{Feed.CreateWorkspace(bob)}", StringComparison.Ordinal));
        Assert.StartsWith("HTTP/1.1 403", (await poller.AnswerAsync()).Head, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200", (await poller.PollAsync(0)).Head, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task A_revoked_session_ends_a_held_repetition_and_refuses_the_next(int before)
    {
        var workspace = Feed.CreateWorkspace(Ada);
        using var poller = await PollerAsync(workspace);
        for (var i = 0; i < before; i++) await poller.PollAsync(0);
        await poller.AskAsync(1);
        Feed.Revoked[Ada.Session] = true;
        Assert.Equal("unauthorized", Assert.Single((await poller.AnswerAsync()).Json["frames"]!.AsArray()).Text("code"));
        Assert.StartsWith("HTTP/1.1 401", (await poller.PollAsync(1)).Head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_expires_is_refused_in_mid_connection()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        using var poller = await PollerAsync(workspace, lifetime: TimeSpan.FromSeconds(-3)); // Clocks may differ by five seconds.
        await Deadline.UntilAsync("it is refused", async () => (await poller.PollAsync(0)).Head.StartsWith("HTTP/1.1 401", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task Who_is_removed_between_two_polls_is_refused(int before)
    {
        var bob = Person.New("Bob Example");
        var workspace = Feed.CreateWorkspace(Ada, bob);
        using var poller = await PollerAsync(workspace, person: bob);
        for (var i = 0; i < before; i++) await poller.PollAsync(0);
        await Push.DeliverAsync(Feed.RemoveMember(workspace, bob));
        Assert.StartsWith("HTTP/1.1 403", (await poller.PollAsync(3)).Head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_removed_hears_it_and_is_refused()
    {
        var bob = Person.New("Bob Example");
        var workspace = Feed.CreateWorkspace(Ada, bob);
        using var poller = await PollerAsync(workspace, person: bob);
        await poller.AskAsync(2);
        await Push.DeliverAsync(Feed.RemoveMember(workspace, bob));
        await poller.AnswerAsync();
        Assert.StartsWith("HTTP/1.1 403", (await poller.PollAsync(3)).Head, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)] // Held before Kestrel's input stands still, and after.
    [InlineData(3)]
    public async Task A_client_that_goes_lets_go_of_its_poll(int before)
    {
        var workspace = Feed.CreateWorkspace(Ada);
        using (var poller = await PollerAsync(workspace))
        {
            for (var i = 0; i < before; i++) await poller.PollAsync(0);
            await poller.AskAsync(1);
            await Deadline.UntilAsync("it is held", () => Task.FromResult(Held(workspace) == 1));
        }
        await Deadline.UntilAsync("it rests", () => Task.FromResult(Held(workspace) == 0));
    }

    [Fact]
    public async Task A_client_that_goes_between_two_polls_is_let_go()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        using var poller = await PollerAsync(workspace);
        await poller.PollAsync(0);
        poller.Socket.EndOutput();
        await poller.Socket.ReadToEndAsync();
    }

    [Fact]
    public async Task Whoever_takes_their_time_between_polls_is_answered_past_http_too()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        using var repeated = new Counted(Repeated, Push);
        using var poller = await PollerAsync(workspace);
        foreach (var pause in new[] { 0, 1, 5, 10, 15, 40, 80, 200, 1500, 0 })
        {
            await AppendAsync(workspace, 1); // While nobody asks, with one that came before it.
            await Task.Delay(pause);
            Assert.Equal([poller.Last + 1], Seqs((await poller.PollAsync(poller.Last)).Json["events"]!.AsArray()!));
            await poller.AskAsync(poller.Last);
            await Task.Delay(pause);
            await AppendAsync(workspace, 1); // While it is held, or waits to be read.
            Assert.Equal([poller.Last + 1], Seqs((await poller.AnswerAsync()).Json["events"]!.AsArray()!));
            await Task.Delay(pause);
        }
        Assert.InRange(repeated.Count, 20, 22);
    }

    [Fact]
    public async Task Many_that_ask_while_events_come_get_each_once_and_in_order()
    {
        const int pollers = 150, events = 60;
        var workspace = Feed.CreateWorkspace(Ada);
        using var repeated = new Counted(Repeated, Push);
        var all = new List<Poller>();
        for (var i = 0; i < pollers; i++) all.Add(await PollerAsync(workspace));
        var reading = all.ConvertAll(async poller =>
        {
            var received = new List<long>();
            while (poller.Last < events + 1) received.AddRange(Seqs((await poller.PollAsync(poller.Last)).Json["events"]!.AsArray()!));
            return received;
        });
        for (var i = 0; i < events; i++)
        {
            await AppendAsync(workspace, 1);
            if (i % 3 == 0) await Task.Delay(i % 17); // At once, while most are held, and while they are about to ask.
        }
        foreach (var received in await Task.WhenAll(reading).WaitAsync(Deadline.Default)) Assert.Equal(Range(2, events + 1), received);
        Assert.InRange(repeated.Count, pollers * 3, int.MaxValue);
        all.ForEach(poller => poller.Dispose());
    }

    [Fact]
    public async Task Another_request_right_behind_a_repetition_is_answered_after_it()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        using var poller = await PollerAsync(workspace);
        await poller.PollAsync(0);
        await poller.WriteAsync(poller.Request(1) + $"GET /realtime/{workspace}/nothing HTTP/1.1\r\nHost: {Push.Address.Authority}\r\n\r\n" + poller.Request(0));
        await Deadline.UntilAsync("it is held", () => Task.FromResult(Held(workspace) == 1));
        await AppendAsync(workspace, 1);
        Assert.Equal([2], Seqs((await poller.AnswerAsync()).Json["events"]!.AsArray()!));
        Assert.StartsWith("HTTP/1.1 404", (await poller.AnswerAsync()).Head, StringComparison.Ordinal);
        Assert.Equal([1, 2], Seqs((await poller.AnswerAsync()).Json["events"]!.AsArray()!));
    }

    [Fact]
    public async Task Who_asks_from_a_web_page_of_another_origin_gets_the_headers_for_it_each_time()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        using var repeated = new Counted(Repeated, Push);
        using var poller = await PollerAsync(workspace, headers: "Origin: http://localhost:5100\r\n");
        for (var i = 0; i < 3; i++) Assert.Contains("Access-Control-Allow-Origin: http://localhost:5100", (await poller.PollAsync(0)).Head, StringComparison.Ordinal);
        Assert.Equal(0, repeated.Count);
    }

    [Fact]
    public async Task A_request_that_brings_a_body_or_ends_the_connection_is_never_taken_for_a_pattern()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        using var repeated = new Counted(Repeated, Push);
        using (var poller = await PollerAsync(workspace, headers: "Content-Length: 4\r\n", body: "GET "))
        {
            for (var i = 0; i < 3; i++) Assert.StartsWith("HTTP/1.1 200", (await poller.PollAsync(0)).Head, StringComparison.Ordinal);
        }
        using (var poller = new Poller(await RawSocket.ConnectAsync(Push.Address), workspace, Feed.Token(Ada), Push.Address.Authority, "Connection: close\r\n", ""))
        {
            Assert.Contains("Connection: close", (await poller.PollAsync(0)).Head, StringComparison.Ordinal);
            await poller.Socket.ReadToEndAsync();
        }
        Assert.Equal(0, repeated.Count);
    }

    [Fact]
    public async Task An_instance_that_drains_answers_what_is_held_and_refuses_the_next()
    {
        var leaving = await StartAnotherAsync(("Realtime:DrainSeconds", "3"));
        var workspace = Feed.CreateWorkspace(Ada);
        using var poller = await PollerAsync(workspace, instance: leaving);
        using var idle = await PollerAsync(workspace, instance: leaving);
        await poller.AskAsync(1);
        await Deadline.UntilAsync("it is held", () => Task.FromResult(leaving.Services.GetRequiredService<OpenLogs>().Find(workspace)!.Connections.All().Count(poll => poll.IsOpen) == 1));
        var stopping = leaving.StopAsync();
        Assert.Equal("goaway", Assert.Single((await poller.AnswerAsync()).Json["frames"]!.AsArray()).Text("type"));
        var (head, _) = await poller.PollAsync(1);
        Assert.StartsWith("HTTP/1.1 503", head, StringComparison.Ordinal);
        Assert.Contains("Retry-After:", head, StringComparison.Ordinal);
        await idle.Socket.ReadToEndAsync(); // Nobody waits for those who do not ask.
        await stopping.WaitAsync(Deadline.Default);
    }

    [Fact]
    public async Task A_client_that_reads_slowly_gets_all_of_a_large_answer()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        var text = new string('x', 100_000);
        using var repeated = new Counted(Repeated, Push);
        using var poller = await PollerAsync(workspace, receiveBuffer: 4096);
        for (var i = 0; i < 5; i++) await Push.DeliverAsync(Feed.Append(workspace, payload: new { description = text }));
        await poller.AskAsync(1);
        Assert.Equal(Range(2, 6), Seqs((await poller.AnswerAsync()).Json["events"]!.AsArray()!));
        Assert.Equal([6], Seqs((await poller.PollAsync(5)).Json["events"]!.AsArray()!));
        Assert.Equal(2, repeated.Count);
    }

    private int Held(Guid workspace) => Push.Services.GetRequiredService<OpenLogs>().Find(workspace)?.Connections.All().Count(poll => poll.IsOpen) ?? 0;

    /// <summary>A client that has polled often enough to be taken for one that repeats itself.</summary>
    private async Task<Poller> PollerAsync(Guid workspace, Person? person = null, string headers = "", string body = "", TimeSpan? lifetime = null, int? receiveBuffer = null, PushInstance? instance = null)
    {
        var address = (instance ?? Push).Address;
        var poller = new Poller(await RawSocket.ConnectAsync(address, receiveBuffer), workspace, Feed.Token(person ?? Ada, lifetime: lifetime), address.Authority, headers, body);
        for (var i = 0; i < 3; i++) await poller.PollAsync(0);
        return poller;
    }

    private sealed class Poller(RawSocket socket, Guid workspace, string token, string host, string headers, string body) : IDisposable
    {
        public RawSocket Socket => socket;
        public string Token => token;
        public string? Id { get; private set; }
        public long Last { get; private set; } = 1;

        public string Request(long after) =>
            $"GET /realtime/{workspace}/poll?after={after}{(Id is null ? "" : $"&connectionId={Id}")}&wait=50 HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n{headers}\r\n{body}";

        public Task WriteAsync(string text) => socket.WriteAsync(Encoding.ASCII.GetBytes(text));

        public Task AskAsync(long after) => WriteAsync(Request(after));

        public async Task<(string Head, JsonNode Json)> AnswerAsync()
        {
            var (head, json) = await socket.ReadAnswerAsync();
            Id ??= (string?)json["connectionId"];
            if (json["events"]?.AsArray() is [.., { } last]) Last = last.Number("seq");
            return (head, json);
        }

        public async Task<(string Head, JsonNode Json)> PollAsync(long after)
        {
            await AskAsync(after);
            return await AnswerAsync();
        }

        public void Dispose() => socket.Dispose();
    }
}
