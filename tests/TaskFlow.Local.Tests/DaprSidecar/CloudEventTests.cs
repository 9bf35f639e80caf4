using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Dapr;
using TaskFlow.Local.Tests.DaprSidecar.Support;

namespace TaskFlow.Local.Tests.DaprSidecar;

/// <summary>The envelope is daprd's: same fields, same values.</summary>
public sealed class CloudEventTests(CloudEventTests.OneSidecar one) : IClassFixture<CloudEventTests.OneSidecar>
{
    private readonly string _topic = one.Topic;
    private readonly SubscriberApp _app = one.App;
    private readonly SidecarProcess _sidecar = one.Sidecar;

    [Fact]
    public async Task Json_is_wrapped_with_daprs_fields()
    {
        using var answer = await _sidecar.PublishAsync(_topic, Json("""{"b":1.10,"a":[1,{"z":null}]}"""));

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        var delivery = await _app.NextAsync();
        Assert.Equal("application/cloudevents+json", delivery.ContentType);
        Assert.Equal("pubsub", delivery.Headers["pubsubName"]);
        var json = delivery.Json;
        Assert.Equal(
            ["data", "datacontenttype", "id", "pubsubname", "source", "specversion", "time", "topic", "traceid", "traceparent", "tracestate", "type"],
            json.EnumerateObject().Select(property => property.Name));
        Assert.Equal("""{"b":1.10,"a":[1,{"z":null}]}""", json.GetProperty("data").GetRawText());
        Assert.StartsWith("application/json", json.GetProperty("datacontenttype").GetString());
        Assert.True(Guid.TryParse(json.GetProperty("id").GetString(), out _));
        Assert.Equal("pubsub", json.GetProperty("pubsubname").GetString());
        Assert.Equal("event-app", json.GetProperty("source").GetString());
        Assert.Equal("1.0", json.GetProperty("specversion").GetString());
        Assert.Equal(_topic, json.GetProperty("topic").GetString());
        Assert.Equal("com.dapr.event.sent", json.GetProperty("type").GetString());
        Assert.True(DateTimeOffset.TryParseExact(json.GetProperty("time").GetString(), "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _));
    }

    [Theory]
    [InlineData("text/plain", "plain", "data", "plain")]
    [InlineData("", "no type", "data", "no type")]
    [InlineData("application/json", "{broken", "data", "{broken")]
    [InlineData("application/json", "", "data", "")]
    [InlineData("application/octet-stream", "bytes", "data_base64", "Ynl0ZXM=")]
    public async Task Other_content_types_are_carried_as_text_or_base64(string contentType, string body, string field, string value)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        if (contentType.Length > 0) content.Headers.ContentType = new MediaTypeHeaderValue(contentType);

        await _sidecar.PublishAsync(_topic, content);

        var json = (await _app.NextAsync()).Json;
        Assert.Equal(value, json.GetProperty(field).GetString());
        Assert.Equal(contentType.Length > 0 ? contentType : "text/plain", json.GetProperty("datacontenttype").GetString());
    }

    [Fact]
    public async Task Metadata_overrides_parts_of_the_envelope()
    {
        await _sidecar.PublishAsync(_topic, Json("1"), "?metadata.cloudevent.type=my.type&metadata.CloudEvent.ID=my-id&metadata.cloudevent.source=me&metadata.cloudevent.subject=it");

        var json = (await _app.NextAsync()).Json;
        Assert.Equal("my.type", json.GetProperty("type").GetString());
        Assert.Equal("my-id", json.GetProperty("id").GetString());
        Assert.Equal("me", json.GetProperty("source").GetString());
        Assert.Equal("it", json.GetProperty("subject").GetString());
    }

    [Fact]
    public async Task A_whole_CloudEvent_keeps_its_own_fields_and_gets_the_missing_ones()
    {
        var own = new StringContent("""{"specversion":"1.0","id":"mine","type":"t","data":{"x":1},"custom":"kept","topic":"elsewhere"}""");
        own.Headers.ContentType = new MediaTypeHeaderValue("application/cloudevents+json");

        await _sidecar.PublishAsync(_topic, own);

        var json = (await _app.NextAsync()).Json;
        Assert.Equal("mine", json.GetProperty("id").GetString());
        Assert.Equal("t", json.GetProperty("type").GetString());
        Assert.Equal("kept", json.GetProperty("custom").GetString());
        Assert.Equal("Dapr", json.GetProperty("source").GetString());
        Assert.Equal(_topic, json.GetProperty("topic").GetString());
        Assert.Equal("pubsub", json.GetProperty("pubsubname").GetString());
        Assert.Equal(1, json.GetProperty("data").GetProperty("x").GetInt32());
        Assert.True(json.TryGetProperty("time", out _));
        Assert.True(json.TryGetProperty("traceparent", out _));
    }

    [Theory]
    [InlineData("{broken")]
    [InlineData("[1]")]
    [InlineData("null")]
    [InlineData("")]
    public async Task What_claims_to_be_a_CloudEvent_and_is_none_is_refused(string body)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/cloudevents+json");

        using var answer = await _sidecar.PublishAsync(_topic, content);

        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Equal("ERR_PUBSUB_CLOUD_EVENTS_SER", JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Wait.Deadline())).RootElement.GetProperty("errorCode").GetString());
    }

    [Fact]
    public async Task Raw_payloads_travel_unwrapped_and_reach_raw_subscribers_as_base64()
    {
        await _sidecar.PublishAsync(_topic + "-raw", new StringContent("just bytes"), "?metadata.rawPayload=true");

        var json = (await _app.NextAsync()).Json;
        Assert.Equal("just bytes", Encoding.UTF8.GetString(json.GetProperty("data_base64").GetBytesFromBase64()));
        Assert.Equal("application/octet-stream", json.GetProperty("datacontenttype").GetString());
        Assert.Equal("com.dapr.event.sent", json.GetProperty("type").GetString());
    }

    [Fact]
    public async Task An_event_whose_time_has_passed_is_not_delivered()
    {
        var expired = new StringContent("""{"id":"old","specversion":"1.0","type":"t","source":"s","expiration":"2020-01-01T00:00:00Z"}""");
        expired.Headers.ContentType = new MediaTypeHeaderValue("application/cloudevents+json");
        await _sidecar.PublishAsync(_topic, expired);
        await _sidecar.PublishAsync(_topic, new StringContent("still good"), "?metadata.ttlInSeconds=600");

        var delivery = await _app.NextAsync();
        Assert.Equal("still good", delivery.Text);
        Assert.True(delivery.Json.TryGetProperty("expiration", out _));
        await Wait.UntilAsync(() => _sidecar.Process.Output.Contains("event old has expired", StringComparison.Ordinal), "the expired event is named in the log");
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    /// <summary>These tests leave no trace, so one sidecar serves them one after the other.</summary>
    public sealed class OneSidecar(RedisProcess redis) : IAsyncLifetime
    {
        private readonly ComponentFolder _components = ComponentFolder.WithPubSub();

        internal string Topic { get; } = $"events-{Guid.NewGuid():N}";

        internal SubscriberApp App { get; private set; } = null!;

        internal SidecarProcess Sidecar { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            App = await SubscriberApp.StartAsync(
                [new TopicOptions { PubsubName = "pubsub", Name = Topic }, new TopicOptions { PubsubName = "pubsub", Name = Topic + "-raw", EnableRawPayload = true }]);
            Sidecar = await SidecarProcess.StartAsync("event-app", _components.Path, redis.Address, App);
        }

        public async ValueTask DisposeAsync()
        {
            await Sidecar.DisposeAsync();
            await App.DisposeAsync();
            _components.Dispose();
        }
    }
}
