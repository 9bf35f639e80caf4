using System.Diagnostics;
using Microsoft.Playwright;
using TaskFlow.Testing;
using static Microsoft.Playwright.Assertions;

namespace TaskFlow.Browser.Tests.Dashboard;

/// <summary>A developer at the dashboard: the page, and what is found on it.</summary>
internal sealed class DashboardPage : IAsyncDisposable
{
    /// <summary>How long the spans of a change may be on their way before it is made again.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

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
    /// What the relay publishes together is one span in the trace of the first change, and other tests change things too: so it is made again until one went alone.
    /// </summary>
    public static async Task<string> ChangeATaskAsync(BrowserFixture fixture, Room room)
    {
        var task = await room.AddTaskAsync("Look where it goes");
        await using var connection = await fixture.System.ConnectAsync(room.Bo, room.Workspace, Transport.WebSocket, after: await room.Bo.HeadAsync(room.Workspace));
        using var dashboard = new HttpClient { BaseAddress = fixture.System.DashboardUrl };
        string? found = null;
        var (changes, lastChange) = (0, 0L);
        await Deadline.UntilAsync("the spans of a change that was published alone have arrived", async () =>
        {
            if (changes == 0 || Stopwatch.GetElapsedTime(lastChange) > Patience)
            {
                await room.Ada.PatchTaskAsync(room.Workspace, task.Id(), new { status = changes++ % 2 == 0 ? "in_progress" : "todo" });
                await connection.NextAsync("task.updated");
                lastChange = Stopwatch.GetTimestamp();
            }
            foreach (var traceId in await TracesOfAsync(dashboard, $"name:fan-out @taskflow.event:task.updated @taskflow.workspace:{room.Workspace}"))
            {
                if (await IsWholeAsync(dashboard, traceId)) found = traceId;
            }
            return found is not null;
        }, cancellationToken: TestContext.Current.CancellationToken);
        return found!;
    }

    private static async Task<bool> IsWholeAsync(HttpClient dashboard, string traceId)
    {
        foreach (var part in (string[])["name:transaction", "name:publish resource:api-dapr", "name:deliver resource:push-dapr", "name:PATCH kind:server"])
        {
            if (!(await TracesOfAsync(dashboard, part, traceId)).Any()) return false;
        }
        return true;
    }

    private static async Task<IEnumerable<string>> TracesOfAsync(HttpClient dashboard, string search, string? traceId = null)
    {
        var answer = await dashboard.GetJsonAsync($"/api/telemetry/spans?limit=20&search={Uri.EscapeDataString(search)}{(traceId is null ? "" : $"&traceId={traceId}")}");
        return answer.Status != 200 ? [] : answer.Json["data"]!["resourceSpans"]!.AsArray()
            .SelectMany(resource => resource!["scopeSpans"]!.AsArray()).SelectMany(scope => scope!["spans"]!.AsArray())
            .Select(span => (string)span!["traceId"]!).Distinct();
    }
}
