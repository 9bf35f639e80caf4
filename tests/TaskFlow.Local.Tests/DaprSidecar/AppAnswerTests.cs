using Dapr;
using Microsoft.AspNetCore.Http;
using TaskFlow.Local.Tests.DaprSidecar.Support;

namespace TaskFlow.Local.Tests.DaprSidecar;

/// <summary>What the app's answers lead to.</summary>
public sealed class AppAnswerTests(RedisProcess redis)
{
    private readonly string _topic = $"answers-{Guid.NewGuid():N}";

    [Theory]
    [InlineData(200, "")]
    [InlineData(204, "")]
    [InlineData(200, """{"status":"SUCCESS"}""")]
    [InlineData(200, "not JSON")]
    [InlineData(200, """{"status":""}""")]
    [InlineData(201, "[]")]
    public async Task A_message_is_done_when_the_app_says_so(int status, string body)
    {
        using var components = ComponentFolder.WithPubSub(policies: ComponentFolder.QuickRetries(3));
        await using var app = await SubscriberApp.StartAsync(_topic);
        app.Answer = _ => Task.FromResult(Text(status, body));
        await using var sidecar = await SidecarProcess.StartAsync("done-app", components.Path, redis.Address, app);

        await sidecar.PublishAsync(_topic, new StringContent("first"));
        Assert.Equal("first", (await app.NextAsync()).Text);
        await sidecar.PublishAsync(_topic, new StringContent("second"));
        Assert.Equal("second", (await app.NextAsync()).Text);
    }

    [Theory]
    [InlineData(200, """{"status":"RETRY"}""")]
    [InlineData(200, """{"status":"WHAT"}""")]
    [InlineData(500, "")]
    [InlineData(400, "")]
    [InlineData(302, "")]
    public async Task A_message_comes_again_until_the_app_takes_it(int status, string body)
    {
        using var components = ComponentFolder.WithPubSub(policies: ComponentFolder.QuickRetries(10));
        await using var app = await SubscriberApp.StartAsync(_topic);
        app.Answer = _ => Task.FromResult(app.All.Count < 4 ? Text(status, body) : Results.Ok());
        await using var sidecar = await SidecarProcess.StartAsync("again-app", components.Path, redis.Address, app);

        await sidecar.PublishAsync(_topic, new StringContent("stubborn"));

        Assert.All(await app.NextAsync(4), delivery => Assert.Equal("stubborn", delivery.Text));
        await sidecar.PublishAsync(_topic, new StringContent("next"));
        Assert.Equal("next", (await app.NextAsync()).Text);
    }

    [Theory]
    [InlineData(200, """{"status":"DROP"}""", 1)]
    [InlineData(404, "", 1)]
    [InlineData(500, "", 4)]
    [InlineData(200, """{"status":"RETRY"}""", 4)]
    public async Task A_message_that_is_given_up_goes_to_the_dead_letter_topic_as_it_was(int status, string body, int deliveries)
    {
        using var components = ComponentFolder.WithPubSub(policies: ComponentFolder.QuickRetries(3));
        var dead = _topic + "-dead";
        await using var app = await SubscriberApp.StartAsync(
            [new TopicOptions { PubsubName = "pubsub", Name = _topic, DeadLetterTopic = dead }, new TopicOptions { PubsubName = "pubsub", Name = dead }]);
        app.Answer = delivery => Task.FromResult(delivery.Path == "/" + _topic ? Text(status, body) : Results.Ok());
        await using var sidecar = await SidecarProcess.StartAsync("dead-app", components.Path, redis.Address, app);

        await sidecar.PublishAsync(_topic, new StringContent("poison"));

        var all = await app.NextAsync(deliveries + 1);
        Assert.Equal([.. Enumerable.Repeat("/" + _topic, deliveries), "/" + dead], all.Select(delivery => delivery.Path));
        Assert.Equal(all[0].Body, all[^1].Body);
    }

    [Fact]
    public async Task Without_retries_and_dead_letter_topic_a_failed_message_comes_again_after_the_redelivery_interval()
    {
        using var components = ComponentFolder.WithPubSub(["redeliverInterval: 200"]);
        await using var app = await SubscriberApp.StartAsync(_topic);
        app.Answer = _ => Task.FromResult(app.All.Count < 3 ? Results.StatusCode(500) : Results.Ok());
        await using var sidecar = await SidecarProcess.StartAsync("later-app", components.Path, redis.Address, app);

        await sidecar.PublishAsync(_topic, new StringContent("later"));

        Assert.All(await app.NextAsync(3), delivery => Assert.Equal("later", delivery.Text));
    }

    [Fact]
    public async Task A_handler_that_hangs_is_given_up_after_the_processing_timeout()
    {
        // On a busy machine an attempt may be given up before the app has seen it, or before it could answer: none of them decides.
        using var components = ComponentFolder.WithPubSub(["processingTimeout: 500ms"], ComponentFolder.QuickRetries(100));
        await using var app = await SubscriberApp.StartAsync(_topic);
        app.Answer = async _ =>
        {
            if (app.All.Count < 3) await Task.Delay(Timeout.Infinite, Wait.Deadline());
            return Results.Ok();
        };
        await using var sidecar = await SidecarProcess.StartAsync("hang-app", components.Path, redis.Address, app);

        await sidecar.PublishAsync(_topic, new StringContent("slow"));

        Assert.All(await app.NextAsync(3), delivery => Assert.Equal("slow", delivery.Text));
    }

    [Fact]
    public async Task Retries_can_be_limited_to_some_status_codes()
    {
        using var components = ComponentFolder.WithPubSub(policies: """
              policies:
                retries:
                  only503: { policy: exponential, maxRetries: 5, maxInterval: 50ms, matching: { httpStatusCodes: "429,502-504" } }
              targets:
                components:
                  pubsub: { inbound: { retry: only503 } }
            """);
        var dead = _topic + "-dead";
        await using var app = await SubscriberApp.StartAsync(
            [new TopicOptions { PubsubName = "pubsub", Name = _topic, DeadLetterTopic = dead }, new TopicOptions { PubsubName = "pubsub", Name = dead }]);
        app.Answer = delivery => Task.FromResult(delivery.Path == "/" + _topic ? Results.StatusCode(app.All.Count == 1 ? 503 : 500) : Results.Ok());
        await using var sidecar = await SidecarProcess.StartAsync("codes-app", components.Path, redis.Address, app);

        await sidecar.PublishAsync(_topic, new StringContent("x"));

        Assert.Equal(["/" + _topic, "/" + _topic, "/" + dead], (await app.NextAsync(3)).Select(delivery => delivery.Path));
    }

    [Fact]
    public async Task Rules_route_by_the_events_type_and_the_default_takes_the_rest()
    {
        using var components = ComponentFolder.WithPubSub();
        await using var app = await SubscriberApp.StartAsync(_topic, "special");
        components["subscription.yaml"] = $"""
            apiVersion: dapr.io/v2alpha1
            kind: Subscription
            metadata:
              name: routed
            spec:
              pubsubname: pubsub
              topic: {_topic}
              routes:
                rules:
                  - match: event.type == "special"
                    path: /special
                default: /{_topic}
            scopes: [rule-app]
            """;
        await using var sidecar = await SidecarProcess.StartAsync("rule-app", components.Path, redis.Address, app);

        await sidecar.PublishAsync(_topic, new StringContent("1"), "?metadata.cloudevent.type=special");
        Assert.Equal("/special", (await app.NextAsync()).Path);
        await sidecar.PublishAsync(_topic, new StringContent("2"));
        Assert.Equal("/" + _topic, (await app.NextAsync()).Path);
    }

    private static IResult Text(int status, string body) => body.Length == 0 ? Results.StatusCode(status) : Results.Text(body, "application/json", statusCode: status);
}
