using Microsoft.Playwright;
using TaskFlow.Testing;
using static Microsoft.Playwright.Assertions;

namespace TaskFlow.Browser.Tests.Dashboard;

/// <summary>A developer at the dashboard: the page, and what is found on it.</summary>
internal sealed class DashboardPage : IAsyncDisposable
{
    private DashboardPage(IPage page) => Page = page;

    public IPage Page { get; }

    public ILocator Details => Page.Locator("aside.details");

    public ILocator Rows => Page.Locator("[data-row]");

    public ILocator Search => Page.Locator("input[data-search]");

    /// <summary>The row of a resource (<c>api/0</c>), trace or update.</summary>
    public ILocator Row(string id) => Page.Locator($"[data-row='{id}']");

    public static async Task<DashboardPage> OpenAsync(BrowserFixture fixture, string path, int width = 1440, int height = 900, ColorScheme colors = ColorScheme.Dark)
    {
        var page = new DashboardPage(await fixture.OpenDashboardAsync(width, height, colors));
        await page.GoToAsync(path);
        return page;
    }

    /// <summary>Returns once the page answers to clicks: it is drawn before that.</summary>
    public async Task GoToAsync(string path)
    {
        await Page.GotoAsync(path);
        await Expect(Page.Locator("[data-interactive]")).ToBeVisibleAsync();
    }

    /// <summary>Presses a key with the focus nowhere in particular.</summary>
    public async Task PressAsync(string key)
    {
        await Page.EvaluateAsync("document.activeElement?.blur()");
        await Page.Keyboard.PressAsync(key);
    }

    public Task ScreenshotAsync(string name) => Page.ScreenshotAsync(new() { Path = Path.Combine(BrowserFixture.Artifacts, $"dashboard-{name}.png") });

    public async ValueTask DisposeAsync() => await Page.Context.DisposeAsync();

    /// <summary>
    /// The trace id of a change that somebody makes now and somebody else is connected for; returns when its last span has arrived, and those of the sidecars.
    /// </summary>
    public static async Task<string> ChangeATaskAsync(BrowserFixture fixture, Room room)
    {
        var task = await room.AddTaskAsync("Look where it goes");
        await using var connection = await fixture.System.ConnectAsync(room.Bo, room.Workspace, Transport.WebSocket, after: await room.Bo.HeadAsync(room.Workspace));
        await room.Ada.PatchTaskAsync(room.Workspace, task.Id(), new { status = "in_progress" });
        await connection.NextAsync("task.updated");

        using var dashboard = new HttpClient { BaseAddress = fixture.System.DashboardUrl };
        string? traceId = null;
        await Deadline.UntilAsync("the spans of the change have arrived", async () =>
        {
            traceId ??= await TraceOfAsync(dashboard, $"name:fan-out @taskflow.event:task.updated @taskflow.workspace:{room.Workspace}");
            return traceId is not null
                && await TraceOfAsync(dashboard, "name:transaction", traceId) is not null
                && await TraceOfAsync(dashboard, "name:publish resource:api-dapr", traceId) is not null
                && await TraceOfAsync(dashboard, "name:deliver resource:push-dapr", traceId) is not null
                && await TraceOfAsync(dashboard, "name:PATCH kind:server", traceId) is not null;
        }, cancellationToken: TestContext.Current.CancellationToken);
        return traceId!;
    }

    private static async Task<string?> TraceOfAsync(HttpClient dashboard, string search, string? traceId = null)
    {
        var answer = await dashboard.GetJsonAsync($"/api/telemetry/spans?limit=1&search={Uri.EscapeDataString(search)}{(traceId is null ? "" : $"&traceId={traceId}")}");
        return answer.Status != 200 ? null : (string?)answer.Json["data"]!["resourceSpans"]!.AsArray()
            .FirstOrDefault()?["scopeSpans"]![0]!["spans"]![0]!["traceId"];
    }
}
