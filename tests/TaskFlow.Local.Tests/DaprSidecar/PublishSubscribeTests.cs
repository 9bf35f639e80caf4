using System.Net;
using System.Net.Http.Json;
using Dapr;
using Dapr.Client;
using TaskFlow.Local.Tests.DaprSidecar.Support;

namespace TaskFlow.Local.Tests.DaprSidecar;

/// <summary>Dapr.Client on one side, Dapr.AspNetCore on the other, both as they come.</summary>
public sealed class PublishSubscribeTests(RedisProcess redis)
{
    [Fact]
    public async Task What_DaprClient_publishes_reaches_the_subscriber_as_its_data()
    {
        using var components = ComponentFolder.WithPubSub();
        await using var app = await SubscriberApp.StartAsync([new TopicOptions { PubsubName = "pubsub", Name = "orders" }], unwrap: true);
        await using var subscriber = await SidecarProcess.StartAsync("a-subscriber", components.Path, redis.Address, app);
        await using var publisher = await SidecarProcess.StartAsync("a-publisher", components.Path, redis.Address);
        using var client = publisher.Client();

        await client.WaitForSidecarAsync(Wait.Deadline());
        await client.PublishEventAsync("pubsub", "orders", new Order(7, "Käse \"<b>&\""), Wait.Deadline());

        var delivery = await app.NextAsync();
        Assert.Equal("application/json", delivery.ContentType);
        Assert.Equal(7, delivery.Json.GetProperty("id").GetInt32());
        Assert.Equal("Käse \"<b>&\"", delivery.Json.GetProperty("text").GetString());
    }

    [Fact]
    public async Task DaprClients_checks_and_metadata_work()
    {
        using var components = ComponentFolder.WithPubSub();
        await using var app = await SubscriberApp.StartAsync("looked-at");
        await using var sidecar = await SidecarProcess.StartAsync("looker", components.Path, redis.Address, app);
        await sidecar.UntilReadyAsync();
        using var client = sidecar.Client();

        Assert.True(await client.CheckHealthAsync(Wait.Deadline()));
        Assert.True(await client.CheckOutboundHealthAsync(Wait.Deadline()));
        await client.SetMetadataAsync("colour", "green", Wait.Deadline());
        var metadata = await client.GetMetadataAsync(Wait.Deadline());

        Assert.Equal("looker", metadata.Id);
        Assert.Equal("green", metadata.Extended["colour"]);
        Assert.Contains(metadata.Components, component => component is { Name: "pubsub", Type: "pubsub.redis" });
        var json = await sidecar.Http.GetFromJsonAsync<System.Text.Json.JsonElement>("/v1.0/metadata", Wait.Deadline());
        Assert.Equal("looked-at", Assert.Single(json.GetProperty("subscriptions").EnumerateArray()).GetProperty("topic").GetString());
        Assert.Equal(app.Port, json.GetProperty("appConnectionProperties").GetProperty("port").GetInt32());
    }

    [Fact]
    public async Task A_bulk_publish_arrives_whole_and_in_order_with_one_delivery_at_a_time()
    {
        using var components = ComponentFolder.WithPubSub(["concurrency: 1"]);
        await using var app = await SubscriberApp.StartAsync("bulk");
        await using var sidecar = await SidecarProcess.StartAsync("bulk-app", components.Path, redis.Address, app);
        using var client = sidecar.Client();

        var answer = await client.BulkPublishEventAsync("pubsub", "bulk", Enumerable.Range(0, 200).Select(n => $"m{n}").ToList(), cancellationToken: Wait.Deadline());

        Assert.Empty(answer.FailedEntries);
        var received = await app.NextAsync(200);
        Assert.Equal(Enumerable.Range(0, 200).Select(n => $"m{n}"), received.Select(delivery => delivery.Text));
        Assert.Equal(200, received.Select(delivery => delivery.Json.GetProperty("id").GetString()).Distinct().Count());
    }

    [Theory]
    [InlineData("v1.0", "bulk-http")]
    [InlineData("v1.0-alpha1", "bulk-http-alpha")]
    public async Task Bulk_publish_over_HTTP_takes_every_kind_of_entry(string version, string topic)
    {
        // A topic for each: a sidecar that was killed while it waited for a message may still be given the next one, which then waits for the redelivery interval.
        using var components = ComponentFolder.WithPubSub(["concurrency: 1"]);
        await using var app = await SubscriberApp.StartAsync(topic);
        await using var sidecar = await SidecarProcess.StartAsync($"{topic}-app", components.Path, redis.Address, app);
        await sidecar.UntilReadyAsync();

        using var answer = await sidecar.Http.PostAsJsonAsync($"/{version}/publish/bulk/pubsub/{topic}", new object[]
        {
            new { entryId = "1", @event = new { n = 1 }, contentType = "application/json" },
            new { entryId = "2", @event = "two", contentType = "text/plain", metadata = new Dictionary<string, string> { ["cloudevent.type"] = "second" } },
            new { entryId = "3", @event = "AAEC", contentType = "application/octet-stream" },
        }, Wait.Deadline());

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        var received = await app.NextAsync(3);
        Assert.Equal(1, received[0].Json.GetProperty("data").GetProperty("n").GetInt32());
        Assert.Equal("two", received[1].Text);
        Assert.Equal("second", received[1].Json.GetProperty("type").GetString());
        Assert.Equal("AAEC", received[2].Json.GetProperty("data_base64").GetString());
    }

    [Fact]
    public async Task What_is_published_before_anybody_subscribes_and_while_the_subscriber_is_down_waits_for_it()
    {
        using var components = ComponentFolder.WithPubSub();
        await using var publisher = await SidecarProcess.StartAsync("early-publisher", components.Path, redis.Address);
        await publisher.PublishAsync("early", new StringContent("before the first subscriber"));
        await using var app = await SubscriberApp.StartAsync("early");
        await using (var subscriber = await SidecarProcess.StartAsync("early-subscriber", components.Path, redis.Address, app))
        {
            Assert.Equal("before the first subscriber", (await app.NextAsync()).Text);
            await subscriber.Process.SignalAsync("TERM");
            Assert.Equal(0, await subscriber.Process.ExitAsync());
        }

        await publisher.PublishAsync("early", new StringContent("while it is down"));

        await using var again = await SidecarProcess.StartAsync("early-subscriber", components.Path, redis.Address, app);
        Assert.Equal("while it is down", (await app.NextAsync()).Text);
        await publisher.PublishAsync("early", new StringContent("last"));
        Assert.Equal("last", (await app.NextAsync()).Text);
    }

    [Fact]
    public async Task Every_app_id_gets_every_message_and_the_sidecars_of_one_app_id_share_them()
    {
        using var components = ComponentFolder.WithPubSub(["concurrency: 1"]);
        await using var first = await SubscriberApp.StartAsync("shared");
        await using var second = await SubscriberApp.StartAsync("shared");
        await using var other = await SubscriberApp.StartAsync("shared");
        // Slow enough that one alone does not take them all before the other wakes up.
        first.Answer = second.Answer = async _ =>
        {
            await Task.Delay(5);
            return Microsoft.AspNetCore.Http.Results.Ok();
        };
        await using var firstSidecar = await SidecarProcess.StartAsync("shared-app", components.Path, redis.Address, first);
        await using var secondSidecar = await SidecarProcess.StartAsync("shared-app", components.Path, redis.Address, second);
        await using var otherSidecar = await SidecarProcess.StartAsync("shared-other-app", components.Path, redis.Address, other);
        foreach (var sidecar in new[] { firstSidecar, secondSidecar, otherSidecar }) await sidecar.UntilReadyAsync();
        using var client = otherSidecar.Client();

        await client.BulkPublishEventAsync("pubsub", "shared", Enumerable.Range(0, 300).Select(n => $"m{n}").ToList(), cancellationToken: Wait.Deadline());

        await Wait.UntilAsync(() => first.All.Count + second.All.Count == 300 && other.All.Count == 300, "all messages arrive");
        Assert.Equal(300, first.All.Concat(second.All).Select(delivery => delivery.Text).Distinct().Count());
        Assert.NotEmpty(first.All);
        Assert.NotEmpty(second.All);
    }

    [Fact]
    public async Task A_full_topic_drops_its_oldest_messages()
    {
        using var components = ComponentFolder.WithPubSub(["maxLenApprox: 5"]);
        await using var publisher = await SidecarProcess.StartAsync("full-publisher", components.Path, redis.Address);
        for (var n = 0; n < 8; n++) await publisher.PublishAsync("full", new StringContent($"m{n}"));
        await using var app = await SubscriberApp.StartAsync("full");
        await using var subscriber = await SidecarProcess.StartAsync("full-subscriber", components.Path, redis.Address, app);

        Assert.Equal(["m3", "m4", "m5", "m6", "m7"], (await app.NextAsync(5)).Select(delivery => delivery.Text).Order());
        Assert.Contains("topic full is full", publisher.Process.Output);
    }

    [Fact]
    public async Task Slow_deliveries_run_side_by_side_up_to_the_components_concurrency()
    {
        using var components = ComponentFolder.WithPubSub(["concurrency: 3"]);
        await using var app = await SubscriberApp.StartAsync("side-by-side");
        var running = 0;
        var most = 0;
        using var release = new SemaphoreSlim(0);
        app.Answer = async _ =>
        {
            InterlockedMax(ref most, Interlocked.Increment(ref running));
            await release.WaitAsync(Wait.Deadline());
            Interlocked.Decrement(ref running);
            return Microsoft.AspNetCore.Http.Results.Ok();
        };
        await using var sidecar = await SidecarProcess.StartAsync("side-by-side-app", components.Path, redis.Address, app);
        using var client = sidecar.Client();
        await client.BulkPublishEventAsync("pubsub", "side-by-side", Enumerable.Range(0, 9).Select(n => $"m{n}").ToList(), cancellationToken: Wait.Deadline());

        await Wait.UntilAsync(() => Volatile.Read(ref running) == 3, "three deliveries run");
        release.Release(9);
        await Wait.UntilAsync(() => app.All.Count == 9, "all arrive");
        Assert.Equal(3, most);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref target)) < value && Interlocked.CompareExchange(ref target, value, seen) != seen) ;
    }

    private sealed record Order(int Id, string Text);
}
