using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using TaskFlow.Push.Tests.Support;
using TaskFlow.Testing;

namespace TaskFlow.Push.Tests;

/// <summary>What the sidecar sees: the subscriptions, and answers that make it deliver again or not.</summary>
public sealed class EventRouteTests(RedisServer redis) : PushTest(redis)
{
    [Fact]
    public async Task Subscriptions_name_the_topic_its_route_and_its_dead_letters()
    {
        using var client = Push.CreateClient();
        var subscriptions = (await client.GetJsonAsync("/dapr/subscribe")).Expect(200).Json.AsArray();
        var events = subscriptions.Single(item => item.Text("topic") == "workspace-events");
        Assert.Equal(("pubsub", "workspace-events-dead"), (events.Text("pubsubName"), events.Text("deadLetterTopic")));
        Assert.Contains("events/workspace", events!.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains(subscriptions, item => item.Text("topic") == "workspace-events-dead");
    }

    [Fact]
    public async Task A_cloud_event_is_unwrapped_whatever_order_its_data_is_in()
    {
        var workspace = Feed.CreateWorkspace(Ada);
        await using var socket = await OpenAsync(workspace);
        var sorted = new JsonObject(JsonNode.Parse(Feed.Append(workspace))!.AsObject().OrderBy(property => property.Key).Select(property => KeyValuePair.Create(property.Key, property.Value?.DeepClone())));
        var message = new JsonObject { ["specversion"] = "1.0", ["id"] = "1", ["source"] = "api", ["type"] = "com.dapr.event.sent", ["datacontenttype"] = "application/json", ["data"] = sorted };
        Assert.Equal(200, (await PostAsync("/events/workspace", message.ToJsonString(), "application/cloudevents+json")).Status);
        var frame = await socket.NextAsync("task.updated");
        Assert.Equal(2, frame.Number("seq"));
        Assert.Null(frame["internals"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"specversion":"1.0"}""")]
    [InlineData("""{"specversion":"1.0","data":{"seq":"x"}}""")]
    [InlineData("""{"type":"task.updated","seq":1}""")]
    public async Task What_is_no_event_is_dropped(string body)
    {
        var answer = await PostAsync("/events/workspace", body, "application/cloudevents+json");
        Assert.Equal((200, "DROP"), (answer.Status, answer.Json.Text("status")));
    }

    [Fact]
    public async Task Only_the_sidecar_may_deliver_where_it_has_a_token()
    {
        var guarded = await StartAnotherAsync(("APP_API_TOKEN", "sesame"));
        var workspace = Feed.CreateWorkspace(Ada);
        var message = Encoding.UTF8.GetString(Feed.Append(workspace));
        Assert.Equal(401, (await PostAsync("/events/workspace", message, "application/json", guarded)).Status);
        Assert.Equal(401, (await PostAsync("/events/dead-letter", message, "application/json", guarded, "wrong")).Status);
        Assert.Equal(200, (await PostAsync("/events/workspace", message, "application/json", guarded, "sesame")).Status);
    }

    [Fact]
    public async Task Only_the_sidecar_may_deliver_where_it_has_a_port_of_its_own()
    {
        var port = Ports.Free();
        var guarded = await StartAnotherAsync(("DaprAppPort", $"{port}"), ("environment", "Production"));
        var message = Encoding.UTF8.GetString(Feed.Append(Feed.CreateWorkspace(Ada)));
        Assert.Equal(404, (await PostAsync("/events/workspace", message, "application/json", guarded)).Status);
        Assert.Equal(404, (await PostAsync("/events/dead-letter", message, "application/json", guarded)).Status);
        Assert.Equal(200, (await PostAsync($"http://127.0.0.1:{port}/events/workspace", message, "application/json", guarded)).Status);
    }

    [Fact]
    public async Task Nobody_may_deliver_in_production_where_the_sidecar_cannot_be_told_from_others()
    {
        var open = await StartAnotherAsync(("environment", "Production"));
        var message = Encoding.UTF8.GetString(Feed.Append(Feed.CreateWorkspace(Ada)));
        Assert.Equal(401, (await PostAsync("/events/workspace", message, "application/json", open)).Status);
    }

    [Fact]
    public async Task A_dead_letter_is_recorded_and_made_up_for()
    {
        var slow = await StartAnotherAsync(("Realtime:HeadsMilliseconds", "60000"));
        var workspace = Feed.CreateWorkspace(Ada);
        await using var socket = await OpenAsync(workspace, instance: slow);
        var lost = Feed.Append(workspace);
        Feed.Append(workspace);
        Assert.Equal(200, (await PostAsync("/events/dead-letter", Encoding.UTF8.GetString(lost), "application/json", slow)).Status);
        Assert.Equal([2, 3], Seqs(await socket.EventsUntilAsync(3)));
        Assert.Contains(slow.Log.Lines, line => line.Contains("dead-letter", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Unknown_routes_and_methods_are_problems_and_the_document_names_the_routes()
    {
        using var client = Push.CreateClient();
        Assert.Equal("not_found", (await client.GetJsonAsync("/nothing")).Expect(404).Code);
        Assert.Equal("method_not_allowed", (await client.PostJsonAsync($"/realtime/{Guid.NewGuid()}/sse", null)).Expect(405).Code);
        var document = (await client.GetJsonAsync("/openapi/v1.json")).Expect(200).Json;
        foreach (var route in (string[])["ws", "sse", "poll", "send"]) Assert.NotNull(document["paths"]![$"/realtime/{{ws}}/{route}"]);
    }

    [Theory]
    [InlineData("Realtime:MaxReplay", "0")]
    [InlineData("Realtime:HeartbeatSeconds", "often")]
    public async Task A_wrong_setting_ends_the_start(string name, string value)
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(() => StartAnotherAsync((name, value)));
        Assert.Contains(name.Split(':')[1], error.ToString(), StringComparison.Ordinal);
    }

    private async Task<ApiResponse> PostAsync(string path, string body, string type, PushInstance? instance = null, string? token = null)
    {
        using var client = (instance ?? Push).CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue(type)) };
        if (token is not null) request.Headers.Add("dapr-api-token", token);
        using var response = await client.SendAsync(request);
        return await ApiResponse.ReadAsync(response, CancellationToken.None);
    }
}
