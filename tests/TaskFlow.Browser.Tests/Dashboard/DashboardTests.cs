using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Npgsql;
using TaskFlow.Testing;
using static Microsoft.Playwright.Assertions;

namespace TaskFlow.Browser.Tests.Dashboard;

/// <summary>A developer's jobs at the Local engine's dashboard, beside a system that runs.</summary>
[Collection(Resources)]
public sealed class DashboardTests(BrowserFixture fixture)
{
    /// <summary>Test classes that stop resources do not run at the same time.</summary>
    internal const string Resources = "stops resources";

    [Fact]
    public async Task Every_resource_is_listed_healthy_with_its_process_and_addresses()
    {
        await using var dashboard = await DashboardPage.OpenAsync(fixture, "/");
        foreach (var name in (string[])["postgres", "redis", "api", "api-dapr", "push", "push-dapr", "web"])
        {
            var row = dashboard.Row($"{name}/0");
            await Expect(row.Locator(".badge.good")).ToHaveTextAsync("Running");
            await Expect(row).Not.ToContainTextAsync("unhealthy");
            await Expect(row).ToContainTextAsync(new Regex(@":\d+"));
            await Expect(row.Locator("td").Nth(3)).ToContainTextAsync(new Regex(@"\d+ (MB|GB)"));
        }
        var pid = await fixture.System.Resources.PidAsync("api");
        await Expect(dashboard.Row("api/0")).ToContainTextAsync($"{pid}");
        await dashboard.ScreenshotAsync("resources");
    }

    [Fact]
    public async Task The_environment_of_a_resource_is_shown_without_its_secrets()
    {
        await using var dashboard = await DashboardPage.OpenAsync(fixture, "/");
        await dashboard.Row("api/0").ClickAsync();
        await Expect(dashboard.Details).ToContainTextAsync("OTEL_EXPORTER_OTLP_ENDPOINT");
        foreach (var secret in (string[])["ServiceKey", "KeyEncryptionSecret", "ConnectionStrings__taskflow", "DAPR_API_TOKEN", "APP_API_TOKEN"])
        {
            await Expect(dashboard.Details.Locator("tr").Filter(new() { HasText = secret })).ToContainTextAsync("********");
        }

        // Under whatever name, in whatever resource: what opens the database stands nowhere.
        var password = new NpgsqlConnectionStringBuilder(await fixture.System.ConnectionStringAsync("taskflow")).Password;
        Assert.False(string.IsNullOrEmpty(password));
        using var client = new HttpClient { BaseAddress = fixture.System.DashboardUrl };
        foreach (var resource in await fixture.System.Resources.ListAsync())
        {
            var environment = await client.GetStringAsync($"/api/resources/{resource.Text("name")}/{resource.Number("replica")}/environment");
            Assert.DoesNotContain(password, environment);
        }
    }

    [Fact]
    public async Task A_resource_is_stopped_and_started_from_the_page_and_its_console_goes_on()
    {
        await using var dashboard = await DashboardPage.OpenAsync(fixture, "/console/push-dapr/0");
        await using var resources = await DashboardPage.OpenAsync(fixture, "/");
        await dashboard.PressAsync("/");
        await dashboard.Page.Keyboard.TypeAsync("waiting for the app");
        var lines = dashboard.Page.Locator("[role=log] > div");
        await Expect(lines.First).ToContainTextAsync("waiting for the app");
        // Only once the search has sorted out the others, the lines that are left may be counted.
        await Expect(lines.Filter(new() { HasNotText = "waiting for the app" })).ToHaveCountAsync(0);
        var before = await lines.CountAsync();

        var row = resources.Row("push-dapr/0");
        var pid = await fixture.System.Resources.PidAsync("push-dapr");
        try
        {
            await row.GetByTitle("Stop push-dapr").ClickAsync();
            await Expect(row.GetByTitle("Start push-dapr")).ToBeVisibleAsync();
            await Expect(row).Not.ToContainTextAsync("Running");
        }
        finally
        {
            // By the API, whatever the page did: other tests need it.
            if (await row.GetByTitle("Start push-dapr").IsVisibleAsync()) await row.GetByTitle("Start push-dapr").ClickAsync();
            else await fixture.System.Resources.StartAsync("push-dapr");
        }
        await Expect(row.Locator(".badge.good")).ToHaveTextAsync("Running");
        Assert.NotEqual(pid, await fixture.System.Resources.PidAsync("push-dapr"));
        await Expect(lines).ToHaveCountAsync(before + 1);
        await dashboard.ScreenshotAsync("console");
    }

    [Fact]
    public async Task Why_an_update_was_slow_is_three_clicks_away()
    {
        await using var room = await Room.CreateAsync(fixture);
        await using var dashboard = await DashboardPage.OpenAsync(fixture, "/");
        var traceId = await DashboardPage.ChangeATaskAsync(fixture, room);

        await dashboard.Page.GetByRole(AriaRole.Link, new() { Name = "Updates" }).ClickAsync();
        var row = dashboard.Row(traceId);
        await Expect(row).ToContainTextAsync("PATCH …/tasks/{id}");
        await Expect(row).Not.ToContainTextAsync("reached no socket");
        foreach (var hop in (string[])["HTTP", "Transaction", "Dapr", "Fan-out"]) await Expect(row.Locator($".hops i[title^='{hop} ']")).ToHaveCountAsync(1);
        await Expect(dashboard.Page.Locator(".stat").First).ToContainTextAsync("p50");

        await row.ClickAsync();
        await Expect(dashboard.Details.Locator(".verdict")).ToContainTextAsync(new Regex(@"^\s*\S+ took [\d.]+ \S+ of [\d.]+ \S+"));
        await Expect(dashboard.Details).ToContainTextAsync("sockets of one instance");
        await dashboard.ScreenshotAsync("updates");

        await dashboard.Details.GetByRole(AriaRole.Link, new() { Name = "Trace, at its slowest hop" }).ClickAsync();
        await Expect(dashboard.Page).ToHaveURLAsync(new Regex($"/traces/{traceId}"));
        await Expect(dashboard.Details.GetByText("Took", new() { Exact = true })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_trace_is_a_waterfall_of_all_services_with_details_and_logs()
    {
        await using var room = await Room.CreateAsync(fixture);
        await using var dashboard = await DashboardPage.OpenAsync(fixture, "/traces");
        var traceId = await DashboardPage.ChangeATaskAsync(fixture, room);

        // The list finds it by the person's words, while it is being written.
        await dashboard.Search.FillAsync($"@taskflow.workspace:{room.Workspace} name:fan-out");
        await Expect(dashboard.Page).ToHaveURLAsync(new Regex("q="));
        await dashboard.Row(traceId).ClickAsync();
        var lines = dashboard.Page.Locator(".waterfall .line");
        string[] spans =
        [
            "api transaction", "api outbox publish", "api-dapr publish workspace-events", "push-dapr deliver workspace-events",
            "push POST /events/workspace", "push fan-out",
        ];
        foreach (var span in spans)
        {
            await Expect(lines.Filter(new() { HasTextRegex = new($@"^\W*{string.Join(@"\s+", span.Split(' ').Select(Regex.Escape))}") })).ToHaveCountAsync(1);
        }
        var colors = await lines.Locator(".time i").EvaluateAllAsync<string[]>("bars => [...new Set(bars.map(bar => getComputedStyle(bar).backgroundColor))]");
        Assert.Equal(4, colors.Length);

        await lines.Filter(new() { HasText = "fan-out" }).ClickAsync();
        await Expect(dashboard.Details).ToContainTextAsync("taskflow.seq");
        await dashboard.ScreenshotAsync("trace");

        await LogAsync(traceId, "seen on the way");
        await dashboard.Page.GetByRole(AriaRole.Link, new() { NameRegex = new("^1 log record$") }).ClickAsync();
        await Expect(dashboard.Page.Locator(".chip")).ToContainTextAsync($"trace {traceId[..8]}");
        await Expect(dashboard.Rows).ToHaveCountAsync(1);
        await Expect(dashboard.Rows).ToContainTextAsync("seen on the way");
        await dashboard.Rows.ClickAsync();
        await dashboard.Details.GetByRole(AriaRole.Link, new() { Name = "Trace", Exact = true }).ClickAsync();
        await Expect(dashboard.Page).ToHaveURLAsync(new Regex($"/traces/{traceId}"));
    }

    [Fact]
    public async Task Logs_are_filtered_by_level_resource_and_words()
    {
        var word = $"w{Guid.NewGuid():N}";
        await using var dashboard = await DashboardPage.OpenAsync(fixture, "/logs");
        await LogAsync("", $"{word} one", severity: 9);
        await LogAsync("", $"{word} two", severity: 17);
        await dashboard.Search.FillAsync(word);
        await Expect(dashboard.Rows).ToHaveCountAsync(2);
        await dashboard.Page.GetByLabel("Lowest level").SelectOptionAsync("Error");
        await Expect(dashboard.Rows).ToHaveCountAsync(1);
        await Expect(dashboard.Rows).ToContainTextAsync($"{word} two");
        await dashboard.Page.GetByLabel("Resource", new() { Exact = true }).SelectOptionAsync("api");
        await Expect(dashboard.Page.GetByText("Nothing matches")).ToBeVisibleAsync();
        await dashboard.ScreenshotAsync("logs-none");
    }

    [Fact]
    public async Task A_histogram_is_drawn_with_its_percentiles_and_read_with_the_mouse()
    {
        await using var room = await Room.CreateAsync(fixture);
        await DashboardPage.ChangeATaskAsync(fixture, room);
        await using var dashboard = await DashboardPage.OpenAsync(fixture, "/metrics?resource=push&instrument=taskflow.push.delivery.duration&minutes=30");
        var chart = dashboard.Page.GetByRole(AriaRole.Img, new() { Name = "taskflow.push.delivery.duration" });
        await Expect(chart.Locator("polyline").First).ToHaveAttributeAsync("points", new Regex(@"\d+.*,\d+"));
        await Expect(dashboard.Page.Locator("th").Filter(new() { HasText = "p99" })).ToBeVisibleAsync();
        await Expect(dashboard.Rows.Filter(new() { HasText = "taskflow.transport=websocket" })).ToContainTextAsync(new Regex(@"[\d.]+ (µs|ms|s)"));
        await chart.HoverAsync();
        await Expect(dashboard.Page.Locator("#tip")).ToBeVisibleAsync();
        await dashboard.ScreenshotAsync("metrics");

        await dashboard.Search.FillAsync("ring");
        await dashboard.Page.GetByRole(AriaRole.Button, new() { Name = "taskflow.push.ring.bytes" }).ClickAsync();
        await Expect(dashboard.Page.GetByRole(AriaRole.Img, new() { Name = "taskflow.push.ring.bytes" }).Locator("polyline")).Not.ToHaveCountAsync(0);
    }

    /// <summary>One record of a program that is none of ours.</summary>
    private async Task LogAsync(string traceId, string text, int severity = 9)
    {
        using var client = new HttpClient { BaseAddress = fixture.System.OtlpUrl };
        var record = new
        {
            severityNumber = severity,
            body = new { stringValue = text },
            traceId,
            timeUnixNano = $"{DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()}000000",
        };
        (await client.PostJsonAsync("/v1/logs", new
        {
            resourceLogs = new[]
            {
                new
                {
                    resource = new { attributes = new[] { new { key = "service.name", value = new { stringValue = "visitor" } } } },
                    scopeLogs = new[] { new { logRecords = new[] { record } } },
                },
            },
        })).Expect(200);
    }
}
