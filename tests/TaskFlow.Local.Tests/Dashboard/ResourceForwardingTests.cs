using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace TaskFlow.Local.Tests.Dashboard;

/// <summary>The dashboard in front of an AppHost's resource service.</summary>
public sealed class ResourceForwardingTests : IAsyncLifetime
{
    private const string Key = "a key of the resource service";
    private readonly ConcurrentQueue<string> _calls = new();
    private WebApplication _service = null!;
    private DashboardProcess _dashboard = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _service = builder.Build();
        _service.Use((context, next) =>
        {
            _calls.Enqueue($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}");
            if (context.Request.Headers.Authorization == $"Bearer {Key}") return next(context);
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        });
        _service.MapGet("/api/resources", () => Results.Text(
            """
            [{"name":"push","replica":1,"type":"Project","state":"Running","pid":4711,"endpoints":["http://localhost:5092"],
                "startedAt":"2026-01-01T00:00:00Z","exitCode":null,
              "health":"Healthy","cpu":0.25,"memoryBytes":104857600}]
            """, "application/json"));
        _service.MapPost("/api/resources/{name}/{replica}/stop", (string name) => name == "push" ? Results.Ok(new { stopped = name }) : Results.NotFound());
        _service.MapGet("/api/resources/push/1/logs", (long after) => Results.Ok(new
        {
            lines = new[] { new { n = after + 1, timestamp = "2026-01-01T00:00:00Z", stream = "stderr", text = "\e[31mred\e[0m <b>text</b> \e[38;5;1mplain\e[48;2;1;2;3m still\e[0m \e]8;;http://somewhere/\alink\e]8;;\e\\" } },
        }));
        _service.MapGet("/api/resources/push/1/environment", () => Results.Ok(new Dictionary<string, string> { ["ServiceKey"] = "***" }));
        await _service.StartAsync();
        _dashboard = await DashboardProcess.StartAsync(("ResourceService__Url", _service.Urls.Single()), ("ResourceService__Key", Key));
    }

    public async ValueTask DisposeAsync()
    {
        await _dashboard.DisposeAsync();
        await _service.DisposeAsync();
    }

    [Fact]
    public async Task Resources_and_commands_go_through_with_the_key()
    {
        var resources = (await _dashboard.GetJsonAsync("/api/resources")).AsArray();
        Assert.Equal(("push", 4711), ((string)resources.Single()!["name"]!, (int)resources.Single()!["pid"]!));

        using var stopped = await _dashboard.Client.PostAsync("/api/resources/push/1/stop", null, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, stopped.StatusCode);
        Assert.Equal("push", (string)JsonNode.Parse(await stopped.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["stopped"]!);

        using var unknown = await _dashboard.Client.PostAsync("/api/resources/nothing/0/stop", null, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);

        Assert.Equal(8, (int)(await _dashboard.GetJsonAsync("/api/resources/push/1/logs?after=7"))["lines"]![0]!["n"]!);
        Assert.Contains("GET /api/resources/push/1/logs?after=7", _calls);
    }

    [Fact]
    public async Task Pages_show_resources_their_environment_and_their_console()
    {
        var list = await _dashboard.Client.GetStringAsync("/?open=push/1", TestContext.Current.CancellationToken);
        Assert.Contains("4711", list);
        Assert.Contains("100 MB", list);
        Assert.Contains("ServiceKey", list);
        Assert.DoesNotContain(Key, list);

        var console = await _dashboard.Client.GetStringAsync("/console/push/1", TestContext.Current.CancellationToken);
        Assert.Contains("""<span class="a1">red</span>""", console);
        Assert.Contains("&lt;b&gt;text&lt;/b&gt;", console);
        Assert.Contains("""<span class="">plain</span><span class=""> still</span>""", console);
        Assert.Contains("link</span>", console);
        Assert.DoesNotContain("somewhere", console);
    }

    [Fact]
    public async Task An_apphost_that_is_gone_is_a_502_and_a_note_on_the_page()
    {
        await _service.StopAsync(TestContext.Current.CancellationToken);
        using var answer = await _dashboard.Client.GetAsync("/api/resources", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains("The AppHost does not answer", await _dashboard.Client.GetStringAsync("/", TestContext.Current.CancellationToken));
    }
}
