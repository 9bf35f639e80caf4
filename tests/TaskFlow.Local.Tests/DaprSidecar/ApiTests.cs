using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Dapr;
using Dapr.Client;
using Grpc.Core;
using TaskFlow.Local.Tests.DaprSidecar.Support;

namespace TaskFlow.Local.Tests.DaprSidecar;

/// <summary>Errors, tokens and limits of both APIs: codes and words are daprd's.</summary>
public sealed class ApiTests(RedisProcess redis)
{
    private const string ApiToken = "api-token-51c7";
    private const string AppToken = "app-token-90de";

    private readonly string _topic = $"api-{Guid.NewGuid():N}";

    [Fact]
    public async Task Bad_requests_are_answered_with_daprs_errors()
    {
        using var components = ComponentFolder.WithPubSub(["allowedTopics: open,mine", "protectedTopics: mine", "publishingScopes: other=mine"]);
        await using var sidecar = await SidecarProcess.StartAsync("bad-app", components.Path, redis.Address);

        await AssertErrorAsync(await sidecar.PublishAsync("t", new StringContent("x"), pubSub: "nope"), 404, "ERR_PUBSUB_NOT_FOUND", "pubsub nope is not found");
        await AssertErrorAsync(await sidecar.PublishAsync("", new StringContent("x")), 404, "ERR_TOPIC_NAME_EMPTY", "topic is empty in pubsub pubsub");
        await AssertErrorAsync(await sidecar.PublishAsync("mine", new StringContent("x")), 403, "ERR_PUBSUB_FORBIDDEN", "topic mine is not allowed for app id bad-app");
        await AssertErrorAsync(await sidecar.PublishAsync("unknown", new StringContent("x")), 403, "ERR_PUBSUB_FORBIDDEN", "topic unknown is not allowed for app id bad-app");
        await AssertErrorAsync(await sidecar.PublishAsync("open", new StringContent("x"), "?metadata.rawPayload=perhaps"), 400, "ERR_PUBSUB_REQUEST_METADATA",
            "failed deserializing metadata. Error: rawPayload value must be a valid boolean: actual is 'perhaps'");
        // Asked first, so that the refusal cannot cross a body half sent.
        using var tooLarge = new HttpRequestMessage(HttpMethod.Post, "/v1.0/publish/pubsub/open") { Content = new ByteArrayContent(new byte[(4 << 20) + 1]) };
        tooLarge.Headers.ExpectContinue = true;
        await AssertErrorAsync(await sidecar.Http.SendAsync(tooLarge, Wait.Deadline()), 500, "ERR_PUBSUB_PUBLISH_MESSAGE");
        await AssertErrorAsync(await sidecar.Http.GetAsync("/v1.0/state/store/key", Wait.Deadline()), 501, "ERR_NOT_IMPLEMENTED");
        await AssertErrorAsync(await sidecar.Http.GetAsync("/v1.0/healthz?appid=somebody", Wait.Deadline()), 500, "ERR_HEALTH_APPID_NOT_MATCH");
    }

    [Theory]
    [InlineData("{broken", "ERR_PUBSUB_EVENTS_SER", "error when unmarshaling the request")]
    [InlineData("{}", "ERR_PUBSUB_EVENTS_SER", "error when unmarshaling the request")]
    [InlineData("[null]", "ERR_PUBSUB_EVENTS_SER", "error when unmarshaling the request")]
    [InlineData("""[{"entryId":"1","event":1,"contentType":"application/json"},{"entryId":"1","event":2,"contentType":"application/json"}]""", "ERR_PUBSUB_EVENTS_SER", "entryId is duplicated")]
    [InlineData("""[{"event":1,"contentType":"application/json"}]""", "ERR_PUBSUB_EVENTS_SER", "entryId is duplicated or not present")]
    [InlineData("""[{"entryId":"1","event":1,"contentType":"text/plain"}]""", "ERR_PUBSUB_EVENTS_SER", "mismatch between contentType and event")]
    [InlineData("""[{"entryId":"1","event":"%%","contentType":"application/octet-stream"}]""", "ERR_PUBSUB_EVENTS_SER", "unable to decode base64")]
    public async Task Malformed_bulk_publishes_are_refused_whole(string body, string code, string message)
    {
        using var components = ComponentFolder.WithPubSub();
        await using var sidecar = await SidecarProcess.StartAsync("bulk-bad-app", components.Path, redis.Address);

        using var answer = await sidecar.Http.PostAsync($"/v1.0/publish/bulk/pubsub/{_topic}", new StringContent(body, Encoding.UTF8, "application/json"), Wait.Deadline());

        await AssertErrorAsync(answer, 400, code, message);
    }

    [Fact]
    public async Task The_gRPC_API_refuses_with_status_codes()
    {
        using var components = ComponentFolder.WithPubSub(["allowedTopics: open"]);
        await using var sidecar = await SidecarProcess.StartAsync("grpc-app", components.Path, redis.Address);
        using var client = sidecar.Client();

        Assert.Equal(StatusCode.InvalidArgument, await StatusOfAsync(client.PublishEventAsync("nope", "t", "x", Wait.Deadline())));
        Assert.Equal(StatusCode.PermissionDenied, await StatusOfAsync(client.PublishEventAsync("pubsub", "closed", "x", Wait.Deadline())));
        Assert.Equal(StatusCode.Unimplemented, await StatusOfAsync(client.GetStateAsync<string>("store", "key", cancellationToken: Wait.Deadline())));
    }

    [Fact]
    public async Task Tokens_are_asked_for_and_shown()
    {
        using var components = ComponentFolder.WithPubSub();
        await using var app = await SubscriberApp.StartAsync(_topic);
        await using var sidecar = await SidecarProcess.StartAsync("token-app", components.Path, redis.Address, app,
            environment: new() { ["DAPR_API_TOKEN"] = ApiToken, ["APP_API_TOKEN"] = AppToken });

        Assert.Equal(HttpStatusCode.Unauthorized, (await sidecar.PublishAsync(_topic, new StringContent("x"))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await sidecar.Http.GetAsync("/v1.0/metadata", Wait.Deadline())).StatusCode);
        using (var stranger = sidecar.Client("wrong")) Assert.Equal(StatusCode.Unauthenticated, await StatusOfAsync(stranger.PublishEventAsync("pubsub", _topic, "x", Wait.Deadline())));
        using (var nobody = sidecar.Client()) Assert.Equal(StatusCode.Unauthenticated, await StatusOfAsync(nobody.PublishEventAsync("pubsub", _topic, "x", Wait.Deadline())));
        Assert.Empty(app.All);

        using var client = sidecar.Client(ApiToken);
        await client.PublishEventAsync("pubsub", _topic, "grpc", Wait.Deadline());
        var delivery = await app.NextAsync();
        Assert.Equal("grpc", delivery.Text);
        Assert.Equal(AppToken, delivery.Headers["dapr-api-token"]);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1.0/publish/pubsub/{_topic}") { Content = new StringContent("http"), Headers = { { "dapr-api-token", ApiToken } } };
        Assert.Equal(HttpStatusCode.NoContent, (await sidecar.Http.SendAsync(request, Wait.Deadline())).StatusCode);
        Assert.Equal("http", (await app.NextAsync()).Text);

        foreach (var secret in new[] { ApiToken, AppToken, RedisProcess.Password }) Assert.DoesNotContain(secret, sidecar.Process.Output);
    }

    [Fact]
    public async Task A_subscription_that_the_scopes_forbid_is_named_and_left_out()
    {
        using var components = ComponentFolder.WithPubSub([$"subscriptionScopes: scoped-app={_topic}"]);
        await using var app = await SubscriberApp.StartAsync(_topic, _topic + "-forbidden");
        await using var sidecar = await SidecarProcess.StartAsync("scoped-app", components.Path, redis.Address, app);
        await sidecar.UntilReadyAsync();

        await sidecar.PublishAsync(_topic + "-forbidden", new StringContent("x"));
        await sidecar.PublishAsync(_topic, new StringContent("allowed"));

        Assert.Equal("allowed", (await app.NextAsync()).Text);
        Assert.Contains($"subscription to topic {_topic}-forbidden on pubsub pubsub is not allowed", sidecar.Process.Output);
    }

    [Fact]
    public async Task The_trace_of_the_publisher_goes_on_in_the_event_and_in_the_delivery()
    {
        using var components = ComponentFolder.WithPubSub();
        components["ignored.txt"] = "not a component";
        var config = Path.Combine(components.Path, "config.yml.off");
        await File.WriteAllTextAsync(config, "apiVersion: dapr.io/v1alpha1\nkind: Configuration\nmetadata:\n  name: c\nspec:\n  tracing:\n    samplingRate: \"1\"\n", Wait.Deadline());
        await using var app = await SubscriberApp.StartAsync(_topic);
        await using var sidecar = await SidecarProcess.StartAsync("traced-app", components.Path, redis.Address, app, ["--config", config]);
        const string trace = "0af7651916cd43dd8448eb211c80319c";
        const string parent = "b7ad6b7169203331";
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1.0/publish/pubsub/{_topic}") { Content = new StringContent("x") };
        request.Headers.Add("traceparent", $"00-{trace}-{parent}-01");
        request.Headers.Add("tracestate", "vendor=1");

        await sidecar.Http.SendAsync(request, Wait.Deadline());

        var delivery = await app.NextAsync();
        var published = delivery.Json.GetProperty("traceparent").GetString()!.Split('-');
        var delivered = delivery.Headers["traceparent"].Split('-');
        Assert.Equal(delivery.Json.GetProperty("traceparent").GetString(), delivery.Json.GetProperty("traceid").GetString());
        Assert.Equal("vendor=1", delivery.Json.GetProperty("tracestate").GetString());
        Assert.Equal("vendor=1", delivery.Headers["tracestate"]);
        Assert.Equal([trace, trace], [published[1], delivered[1]]);
        // Client, publish, delivery: three spans.
        Assert.Equal(3, new[] { parent, published[2], delivered[2] }.Distinct().Count());
    }

    private static async Task AssertErrorAsync(HttpResponseMessage answer, int status, string code, string? message = null)
    {
        var body = await answer.Content.ReadAsStringAsync(Wait.Deadline());
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(new MediaTypeHeaderValue("application/json").MediaType, answer.Content.Headers.ContentType?.MediaType);
        var json = JsonDocument.Parse(body).RootElement;
        Assert.Equal(code, json.GetProperty("errorCode").GetString());
        if (message is not null) Assert.Contains(message, json.GetProperty("message").GetString());
    }

    private static async Task<StatusCode> StatusOfAsync(Task call) =>
        Assert.IsType<RpcException>((await Assert.ThrowsAsync<DaprException>(() => call)).InnerException).StatusCode;
}
