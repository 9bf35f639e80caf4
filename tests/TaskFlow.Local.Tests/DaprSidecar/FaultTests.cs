using System.Net;
using System.Text.Json;
using Dapr.Client;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using TaskFlow.Local.Tests.DaprSidecar.Support;

namespace TaskFlow.Local.Tests.DaprSidecar;

/// <summary>Kills the real parts: at least once must hold whatever dies.</summary>
public sealed class FaultTests(RedisProcess redis)
{
    private static readonly string[] QuickRedelivery = ["redeliverInterval: 500", "concurrency: 4"];

    private readonly string _topic = $"faults-{Guid.NewGuid():N}";

    [Fact]
    public async Task A_sidecar_killed_in_mid_delivery_delivers_again_after_its_restart()
    {
        using var components = ComponentFolder.WithPubSub(["redeliverInterval: 60000"]);
        await using var app = await SubscriberApp.StartAsync(_topic);
        var killed = false;
        app.Answer = async _ =>
        {
            if (!Volatile.Read(ref killed)) await Task.Delay(Timeout.Infinite, Wait.Deadline());
            return Results.Ok();
        };
        var sidecar = await SidecarProcess.StartAsync("killed-app", components.Path, redis.Address, app);
        using (var client = sidecar.Client())
        {
            await client.BulkPublishEventAsync("pubsub", _topic, Enumerable.Range(0, 50).Select(n => $"m{n}").ToList(), cancellationToken: Wait.Deadline());
        }
        // Ten are with the app, the others in the queue.
        await app.NextAsync(10);

        await sidecar.Process.KillAsync();
        Volatile.Write(ref killed, true);
        app.All.Clear();
        await using var again = await SidecarProcess.StartAsync("killed-app", components.Path, redis.Address, app, httpPort: sidecar.HttpPort);

        await Wait.UntilAsync(() => Texts(app).Count == 50, "all 50 arrive after the restart");
        await sidecar.DisposeAsync();
    }

    [Fact]
    public async Task What_a_killed_sidecar_had_taken_goes_to_the_other_one_of_its_app_id()
    {
        using var components = ComponentFolder.WithPubSub(QuickRedelivery);
        await using var hanging = await SubscriberApp.StartAsync(_topic);
        hanging.Answer = async _ =>
        {
            await Task.Delay(Timeout.Infinite, Wait.Deadline());
            return Results.Ok();
        };
        await using var working = await SubscriberApp.StartAsync(_topic);
        await using var dies = await SidecarProcess.StartAsync("twin-app", components.Path, redis.Address, hanging);
        using (var client = dies.Client())
        {
            await client.BulkPublishEventAsync("pubsub", _topic, Enumerable.Range(0, 20).Select(n => $"m{n}").ToList(), cancellationToken: Wait.Deadline());
        }
        await hanging.NextAsync(4);
        await using var survives = await SidecarProcess.StartAsync("twin-app", components.Path, redis.Address, working);

        await dies.Process.KillAsync();

        await Wait.UntilAsync(() => Texts(working).Count == 20, "the other one delivers all 20");
    }

    [Fact]
    public async Task An_app_that_goes_away_gets_everything_when_it_is_back()
    {
        using var components = ComponentFolder.WithPubSub(QuickRedelivery, ComponentFolder.QuickRetries(2));
        await using var app = await SubscriberApp.StartAsync(_topic);
        await using var sidecar = await SidecarProcess.StartAsync("away-app", components.Path, redis.Address, app, ["--enable-app-health-check"]);
        await sidecar.PublishAsync(_topic, new StringContent("before"));
        Assert.Equal("before", (await app.NextAsync()).Text);

        await app.StopAsync();
        for (var n = 0; n < 20; n++) await sidecar.PublishAsync(_topic, new StringContent($"away{n}"));
        await Wait.UntilAsync(() => sidecar.Process.Output.Contains("does not answer", StringComparison.Ordinal), "the sidecar notices");
        app.All.Clear();
        await app.StartAsync();

        await Wait.UntilAsync(() => Texts(app).Count == 20, "all 20 arrive");
    }

    [Fact]
    public async Task An_app_that_calls_itself_unhealthy_gets_nothing_until_it_is_well()
    {
        using var components = ComponentFolder.WithPubSub();
        await using var app = await SubscriberApp.StartAsync(_topic);
        await using var sidecar = await SidecarProcess.StartAsync("sick-app", components.Path, redis.Address, app,
            ["--enable-app-health-check", "--app-health-probe-interval", "1", "--app-health-threshold", "1"]);
        await sidecar.UntilReadyAsync();

        app.IsHealthy = false;
        await Wait.UntilAsync(() => sidecar.Process.Output.Contains("delivery pauses", StringComparison.Ordinal), "delivery pauses");
        await sidecar.PublishAsync(_topic, new StringContent("waits"));
        Assert.Empty(app.All);
        app.IsHealthy = true;

        Assert.Equal("waits", (await app.NextAsync()).Text);
    }

    [Fact]
    public async Task The_sidecar_may_start_before_its_app()
    {
        using var components = ComponentFolder.WithPubSub();
        await using var app = SubscriberApp.NotStarted(_topic);
        await using var sidecar = await SidecarProcess.StartAsync("late-app", components.Path, redis.Address, app);
        using var health = await sidecar.Http.GetAsync("/v1.0/healthz", Wait.Deadline());
        Assert.Equal(HttpStatusCode.InternalServerError, health.StatusCode);
        await sidecar.PublishAsync(_topic, new StringContent("patient"));

        await app.StartAsync();

        Assert.Equal("patient", (await app.NextAsync()).Text);
        await sidecar.UntilReadyAsync();
    }

    [Fact]
    public async Task A_Redis_that_is_killed_or_flushed_is_an_error_while_it_lasts_and_repaired_afterwards()
    {
        await using var own = new RedisProcess();
        await own.StartAsync();
        using var components = ComponentFolder.WithPubSub(QuickRedelivery);
        await using var app = await SubscriberApp.StartAsync(_topic);
        await using var sidecar = await SidecarProcess.StartAsync("redis-app", components.Path, own.Address, app);
        using var client = sidecar.Client();
        await sidecar.PublishAsync(_topic, new StringContent("before"));
        Assert.Equal("before", (await app.NextAsync()).Text);

        await own.FlushAsync();
        await sidecar.PublishAsync(_topic, new StringContent("after the flush"));
        Assert.Equal("after the flush", (await app.NextAsync()).Text);

        await own.KillAsync();
        using (var answer = await sidecar.PublishAsync(_topic, new StringContent("lost")))
        {
            Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
            var error = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Wait.Deadline())).RootElement;
            Assert.Equal("ERR_PUBSUB_PUBLISH_MESSAGE", error.GetProperty("errorCode").GetString());
            Assert.StartsWith($"error when publishing to topic {_topic} in pubsub pubsub: ", error.GetProperty("message").GetString());
        }
        var failure = await Assert.ThrowsAsync<Dapr.DaprException>(() => client.PublishEventAsync("pubsub", _topic, "lost", Wait.Deadline()));
        Assert.Equal(StatusCode.Internal, Assert.IsType<RpcException>(failure.InnerException).StatusCode);
        using (var health = await sidecar.Http.GetAsync("/v1.0/healthz", Wait.Deadline())) Assert.Equal(HttpStatusCode.NoContent, health.StatusCode);

        await own.StartAsync();
        await Wait.UntilAsync(async () => (await sidecar.PublishAsync(_topic, new StringContent("back"))).IsSuccessStatusCode, "publishing works again");
        Assert.Equal("back", (await app.NextAsync()).Text);
    }

    [Fact]
    public async Task An_open_circuit_breaker_refuses_publishes_at_once_and_closes_again()
    {
        await using var own = new RedisProcess();
        await own.StartAsync();
        using var components = ComponentFolder.WithPubSub(policies: """
              policies:
                circuitBreakers:
                  fast: { maxRequests: 1, timeout: 500ms, trip: consecutiveFailures >= 2 }
              targets:
                components:
                  pubsub: { outbound: { circuitBreaker: fast } }
            """);
        await using var sidecar = await SidecarProcess.StartAsync("breaker-app", components.Path, own.Address);
        await own.KillAsync();

        await Wait.UntilAsync(async () =>
        {
            using var answer = await sidecar.PublishAsync(_topic, new StringContent("x"));
            return (await answer.Content.ReadAsStringAsync(Wait.Deadline())).Contains("circuit breaker fast is open", StringComparison.Ordinal);
        }, "the breaker opens");
        await own.StartAsync();
        await Wait.UntilAsync(async () => (await sidecar.PublishAsync(_topic, new StringContent("x"))).IsSuccessStatusCode, "the breaker closes");
    }

    private static HashSet<string> Texts(SubscriberApp app) => [.. app.All.Select(delivery => delivery.Text)];
}
