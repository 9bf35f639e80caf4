using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using Aspire.Hosting.Engine;

namespace TaskFlow.Local.Tests.Hosting;

/// <summary>Two replicas of a project behind one address.</summary>
public sealed class ReplicaTests : IAsyncLifetime
{
    private EchoApplication _echo = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _echo = await EchoApplication.StartAsync(replicas: 2);

    public ValueTask DisposeAsync() => _echo.DisposeAsync();

    [Fact]
    public async Task Requests_are_spread_over_the_replicas_and_bodies_and_headers_arrive()
    {
        Assert.Equal(2, (await PidsAsync(10)).Distinct().Count());

        using var large = await _echo.Client.PostAsync("/length", new ByteArrayContent(new byte[2_000_000]), Cancellation);
        Assert.Equal("2000000", await large.Content.ReadAsStringAsync(Cancellation));

        var headers = await _echo.Client.GetFromJsonAsync<Dictionary<string, string>>("/headers", Cancellation);
        Assert.Equal($"localhost:{_echo.Address.Port}", headers!["Host"]);
        Assert.Equal(headers["Host"], headers["X-Forwarded-Host"]);
        // The service has taken the client's address from X-Forwarded-For and kept the proxy's own under this name.
        Assert.Contains("X-Original-For", headers.Keys);
    }

    [Fact]
    public async Task A_killed_replica_is_skipped_at_once_and_serves_again_after_a_start()
    {
        var killed = await _echo.PidAsync(0);
        Assert.Equal(0, Signals.Send(killed, Signals.Kill));

        // Two requests may have met it in the moment of its death; none after that.
        await _echo.WaitAsync("the killed replica is shown as ended", all => (string?)all[0]!["state"] == "Exited" && (int?)all[0]!["exitCode"] == 137);
        Assert.Equal([await _echo.PidAsync(1)], (await PidsAsync(20)).Distinct());

        using var started = await _echo.Resources.PostAsync("/api/resources/echo/0/start", null, Cancellation);
        Assert.Equal(HttpStatusCode.OK, started.StatusCode);
        await _echo.HealthyAsync();
        Assert.NotEqual(killed, await _echo.PidAsync(0));
        Assert.Equal(2, (await PidsAsync(10)).Distinct().Count());
    }

    [Fact]
    public async Task Without_a_running_replica_the_address_answers_503()
    {
        using var stopped = await _echo.Resources.PostAsync("/api/resources/echo/stop", null, Cancellation);
        Assert.Equal(HttpStatusCode.OK, stopped.StatusCode);
        using var response = await _echo.Client.GetAsync("/pid", Cancellation);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), response.Headers.RetryAfter!.Delta);
    }

    [Fact]
    public async Task A_websocket_passes_through_both_ways_and_its_close_too()
    {
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(_echo.Address) { Scheme = "ws", Path = "/socket" }.Uri, Cancellation);
        var buffer = new byte[1024];
        foreach (var text in new[] { "one", "two", "three" })
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, Cancellation);
            var received = await socket.ReceiveAsync(buffer.AsMemory(), Cancellation);
            Assert.Equal(text, Encoding.UTF8.GetString(buffer, 0, received.Count));
        }
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Cancellation);
        Assert.Equal("bye", socket.CloseStatusDescription);
    }

    [Fact]
    public async Task A_websocket_ends_with_its_replica_and_the_next_one_comes_through()
    {
        var address = new UriBuilder(_echo.Address) { Scheme = "ws", Path = "/socket" }.Uri;
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(address, Cancellation);
        var pending = socket.ReceiveAsync(new byte[16].AsMemory(), Cancellation).AsTask();
        foreach (var replica in new[] { 0, 1 }) Assert.Equal(0, Signals.Send(await _echo.PidAsync(replica), Signals.Kill));
        await Assert.ThrowsAsync<WebSocketException>(() => pending.WaitAsync(TimeSpan.FromSeconds(30), Cancellation));

        await _echo.WaitAsync("both are gone", all => all.All(one => (string?)one!["state"] == "Exited"));
        using var started = await _echo.Resources.PostAsync("/api/resources/echo/1/start", null, Cancellation);
        await _echo.WaitAsync("one is back", all => all.Any(one => (string?)one!["health"] == "Healthy"));
        using var again = new ClientWebSocket();
        await again.ConnectAsync(address, Cancellation);
        await again.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Cancellation);
    }

    [Fact]
    public async Task A_client_that_goes_away_or_does_not_read_holds_up_nobody()
    {
        var address = new UriBuilder(_echo.Address) { Scheme = "ws", Path = "/socket" }.Uri;
        var stalled = new List<ClientWebSocket>();
        for (var i = 0; i < 4; i++)
        {
            var socket = new ClientWebSocket();
            stalled.Add(socket);
            await socket.ConnectAsync(address, Cancellation);
            using var full = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            try
            {
                // It only writes, so what comes back piles up until nobody takes any more.
                while (true) await socket.SendAsync(new byte[64 * 1024], WebSocketMessageType.Binary, true, full.Token);
            }
            catch (OperationCanceledException)
            {
                // Full, or slow enough.
            }
        }
        Assert.Equal(2, (await PidsAsync(10)).Distinct().Count());
        foreach (var socket in stalled) socket.Dispose();
        Assert.Equal(2, (await PidsAsync(10)).Distinct().Count());
    }

    [Fact]
    public async Task An_event_of_a_stream_arrives_before_the_next_one_is_sent()
    {
        using var response = await _echo.Client.GetAsync("/events", HttpCompletionOption.ResponseHeadersRead, Cancellation);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Cancellation));
        Assert.Equal("data: first", await LineAsync(reader));

        // Either replica may be the one that waits for this.
        for (var i = 0; i < 2; i++) (await _echo.Client.PostAsync("/seen", null, Cancellation)).Dispose();
        Assert.Equal("", await LineAsync(reader));
        Assert.Equal("data: second", await LineAsync(reader));
    }

    private static async Task<string?> LineAsync(StreamReader reader)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        return await reader.ReadLineAsync(deadline.Token);
    }

    private async Task<List<int>> PidsAsync(int requests)
    {
        var pids = new List<int>();
        for (var i = 0; i < requests; i++) pids.Add(int.Parse(await _echo.Client.GetStringAsync("/pid", Cancellation), System.Globalization.CultureInfo.InvariantCulture));
        return pids;
    }
}
