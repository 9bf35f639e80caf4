using System.Net;
using System.Threading.Channels;
using Dapr;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using TaskFlow.Local.Tests.DaprSidecar.Support;

namespace TaskFlow.Local.Tests.DaprSidecar;

/// <summary>Publishers and apps that say nonsense cost what they said, and nothing else.</summary>
public sealed class HostileAppTests(RedisProcess redis)
{
    private readonly string _topic = $"hostile-{Guid.NewGuid():N}";

    [Fact]
    public async Task A_message_with_something_behind_its_json_is_dropped_once_and_the_next_one_is_delivered()
    {
        using var components = ComponentFolder.WithPubSub();
        await using var app = await SubscriberApp.StartAsync(
            [new TopicOptions { PubsubName = "pubsub", Name = _topic, Match = "event.subject == \"wanted\"", Priority = 1 }]);
        await using var sidecar = await SidecarProcess.StartAsync("ruled-app", components.Path, redis.Address, app);
        await sidecar.UntilReadyAsync();

        using var poison = await sidecar.PublishAsync(_topic, new StringContent("""{"subject":"wanted"} and more"""), "?metadata.rawPayload=true");
        Assert.Equal(HttpStatusCode.NoContent, poison.StatusCode);
        await Wait.UntilAsync(() => sidecar.Process.Output.Contains("is not a CloudEvent", StringComparison.Ordinal), "the poison is noticed");
        await sidecar.PublishAsync(_topic, new StringContent("good"), "?metadata.cloudevent.subject=wanted");

        Assert.Equal("good", (await app.NextAsync()).Text);
        Assert.Single(sidecar.Process.Output.Split('\n'), line => line.Contains(_topic, StringComparison.Ordinal) && line.Contains(" error ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Metadata_reaches_the_app_as_headers_whatever_it_holds_and_cannot_stand_in_for_the_apps_token()
    {
        using var components = ComponentFolder.WithPubSub(policies: ComponentFolder.QuickRetries(1));
        await using var app = await SubscriberApp.StartAsync(_topic);
        await using var sidecar = await SidecarProcess.StartAsync(
            "header-app", components.Path, redis.Address, app, environment: new Dictionary<string, string> { ["APP_API_TOKEN"] = "the-real-one" });

        await sidecar.PublishAsync(_topic, new StringContent("x"), "?metadata.note=Gr%C3%BC%C3%9Fe&metadata.dapr-api-token=another&metadata.broken=a%0D%0Ab&metadata.b%20d=x");

        var headers = (await app.NextAsync()).Headers;
        Assert.Equal("Grüße", headers["note"]);
        Assert.Equal("the-real-one", headers["dapr-api-token"]);
        Assert.DoesNotContain("broken", headers.Keys);
    }

    [Fact]
    public async Task A_list_of_subscriptions_with_holes_in_it_counts_as_far_as_it_goes()
    {
        using var components = ComponentFolder.WithPubSub();
        var delivered = Channel.CreateUnbounded<string>();
        var port = Programs.FreePort();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        await using var app = builder.Build();
        app.MapGet("/dapr/subscribe", () => Results.Text(
            $$"""[null,{"pubsubname":"pubsub","topic":"{{_topic}}","routes":{"rules":[null],"default":"/here"} }]""", "application/json"));
        app.MapPost("/here", () => delivered.Writer.TryWrite("here"));
        await app.StartAsync(Wait.Deadline());
        await using var sidecar = await SidecarProcess.StartAsync("holes-app", components.Path, redis.Address, flags: ["--app-port", $"{port}"]);
        await sidecar.UntilReadyAsync();

        await sidecar.PublishAsync(_topic, new StringContent("x"));
        Assert.Equal("here", await delivered.Reader.ReadAsync(Wait.Deadline()));
    }

    [Fact]
    public async Task An_answer_without_end_is_not_read_to_its_end()
    {
        using var components = ComponentFolder.WithPubSub(["processingTimeout: 0"]);
        await using var app = await SubscriberApp.StartAsync(_topic);
        using var over = new CancellationTokenSource();
        app.Answer = _ => Task.FromResult(Results.Stream(async body =>
        {
            // Not one write after the other: to a connection that has gone they all succeed at once, for ever.
            await body.WriteAsync(new byte[1024 * 1024], over.Token);
            await Task.Delay(Timeout.Infinite, over.Token);
        }, "application/json"));
        await using var sidecar = await SidecarProcess.StartAsync("endless-app", components.Path, redis.Address, app, ["--app-max-concurrency", "1"]);

        await sidecar.PublishAsync(_topic, new StringContent("first"));
        await sidecar.PublishAsync(_topic, new StringContent("second"));

        Assert.Equal(["first", "second"], (await app.NextAsync(2)).Select(delivery => delivery.Text));
        await over.CancelAsync();
    }
}
