using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using TaskFlow.Testing;

namespace TaskFlow.Api.Tests.Http;

/// <summary>What an instance exports, read as bytes: OTLP holds texts as they are.</summary>
public sealed class TelemetryTests(ApiFixture fixture)
{
    [Fact]
    public async Task No_exported_span_or_log_record_holds_an_invitations_token()
    {
        await using var collector = await Collector.StartAsync();
        await using var instance = await ApiInstance.StartAsync(fixture, new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
            ["OTEL_BLRP_SCHEDULE_DELAY"] = "100",
            // The framework's records of each request, as somebody may want them for a while.
            ["Logging:LogLevel:Microsoft.AspNetCore"] = "Debug",
        });
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        using var friend = await fixture.RegisterAsync();
        var invitations = $"/api/workspaces/{workspace}/invitations";
        var link = (await owner.Api.PostJsonAsync(invitations, new { role = "member" })).Expect(201).Json;
        var token = link.Text("token");

        using var http = instance.CreateClient(friend.AccessToken);
        (await http.GetJsonAsync($"/invitations/{token}")).Expect(404); // the page, which this instance does not have
        (await http.PostJsonAsync($"/API/Invitations/{token}/Accept?x=y", null)).Expect(200);
        (await http.PostJsonAsync($"/api/invitations/{token}/accept", null)).Expect(410);
        (await http.GetJsonAsync($"/api/invitations/{token}")).Expect(404);
        using var owners = instance.CreateClient(owner.AccessToken);
        (await owners.DeleteJsonAsync($"{invitations}/{link.Id()}")).Expect(404);
        (await http.GetJsonAsync("/api/workspaces/the-end")).Expect(404);

        await Deadline.UntilAsync("all has been exported", () => Task.FromResult(collector.Has("traces", "/api/workspaces/the-end") && collector.Has("logs", "/api/workspaces/the-end")));
        foreach (var signal in (string[])["traces", "logs"])
        {
            Assert.True(collector.Has(signal, "/api/invitations/{token}/accept"), signal);
            Assert.True(collector.Has(signal, $"{invitations}/{link.Id()}"), signal); // an id opens nothing
            Assert.False(collector.Has(signal, token), signal);
        }
        Assert.True(collector.Has("logs", "RequestPath"));
    }

    /// <summary>Takes OTLP over HTTP and keeps it.</summary>
    private sealed class Collector(WebApplication app, ConcurrentQueue<(string Signal, string Text)> received) : IAsyncDisposable
    {
        public string Address => app.Urls.Single();

        public static async Task<Collector> StartAsync()
        {
            var received = new ConcurrentQueue<(string, string)>();
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var app = builder.Build();
            app.MapPost("/v1/{signal}", async (string signal, HttpContext context) =>
            {
                using var body = new MemoryStream();
                await context.Request.Body.CopyToAsync(body, context.RequestAborted);
                received.Enqueue((signal, Encoding.Latin1.GetString(body.ToArray())));
            });
            await app.StartAsync();
            return new Collector(app, received);
        }

        public bool Has(string signal, string text) => received.Any(message => message.Signal == signal && message.Text.Contains(text, StringComparison.Ordinal));

        public ValueTask DisposeAsync() => app.DisposeAsync();
    }
}
