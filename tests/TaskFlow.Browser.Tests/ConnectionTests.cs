using Microsoft.Playwright;
using TaskFlow.Testing;
using static Microsoft.Playwright.Assertions;

namespace TaskFlow.Browser.Tests;

[Collection(Dashboard.DashboardTests.Resources)]
public sealed class ConnectionTests(BrowserFixture fixture)
{
    private const string Lost = "Connection lost. Changes may not appear in real time.";

    [Fact]
    public async Task Work_goes_on_without_a_network_and_meets_again_after_it()
    {
        await using var room = await Room.CreateAsync(fixture);
        await room.AddTaskAsync("Before the tunnel");
        await using var ada = await room.OpenAdaAsync();
        await using var bo = await room.OpenBoAsync();

        await ada.Context.SetOfflineAsync(true);
        await Expect(ada.Connection).ToContainTextAsync("Reconnecting…");
        await ada.AddCardAsync("To do", "Written in the tunnel");
        await Expect(ada.Card("Written in the tunnel")).ToBeVisibleAsync();
        await bo.AddCardAsync("To do", "Written outside");
        await Expect(ada.Connection).ToContainTextAsync(Lost);
        await Expect(ada.Connection.GetByRole(AriaRole.Button, new() { Name = "Refresh" })).ToBeVisibleAsync();
        await Expect(ada.Connection).ToContainTextAsync("1 change waits to be sent");
        await ada.ScreenshotAsync("offline");

        await ada.Context.SetOfflineAsync(false);
        await ada.LiveAsync();
        await Expect(ada.Card("Written outside")).ToBeVisibleAsync();
        await Expect(bo.Card("Written in the tunnel")).ToBeVisibleAsync();
        await Expect(ada.Connection).Not.ToContainTextAsync("waits to be sent");
    }

    [Fact]
    public async Task What_was_changed_offline_outlives_a_reload_and_asks_where_somebody_else_changed_the_same()
    {
        await using var room = await Room.CreateAsync(fixture);
        var task = await room.AddTaskAsync("Weld the hull");
        await using var ada = await room.OpenAdaAsync();
        await ada.OpenCardAsync("Weld the hull");

        await ada.Context.SetOfflineAsync(true);
        await ada.RetitleAsync("Weld it twice");
        await Expect(ada.Connection).ToContainTextAsync("1 change waits to be sent");
        await room.Bo.PatchTaskAsync(room.Workspace, task.Id(), new { title = "Rivet the hull", status = "in_progress" });
        await ada.Page.GotoAsync("about:blank");
        await ada.Context.SetOfflineAsync(false);
        await ada.GoToBoardAsync(room.Workspace);

        var question = ada.Page.GetByRole(AriaRole.Dialog);
        await Expect(question).ToContainTextAsync("Rivet the hull");
        await Expect(question).ToContainTextAsync($"{room.Bo.Name} changed the same");
        await ada.ScreenshotAsync("conflict");
        await question.GetByRole(AriaRole.Button, new() { Name = "Keep mine" }).ClickAsync();
        await Expect(ada.Column("In progress").Locator("[data-card]")).ToContainTextAsync(["Weld it twice"]);
        await Deadline.UntilAsync("Ada's title is stored", async () =>
            (await room.Bo.Api.GetJsonAsync($"/api/workspaces/{room.Workspace}/tasks/{task.Id()}")).Json.Text("title") == "Weld it twice");
    }

    [Fact]
    public async Task A_killed_push_service_costs_nothing_but_time()
    {
        await using var room = await Room.CreateAsync(fixture);
        await room.AddTaskAsync("Before the crash");
        await using var ada = await room.OpenAdaAsync();

        await fixture.System.Resources.KillAsync("push");
        try
        {
            await room.AddTaskAsync("During the crash");
            await Expect(ada.Connection).ToContainTextAsync(Lost);
            await ada.Connection.GetByRole(AriaRole.Button, new() { Name = "Refresh" }).ClickAsync();
            await Expect(ada.Card("During the crash")).ToBeVisibleAsync();
        }
        finally
        {
            await fixture.System.Resources.StartAsync("push");
        }
        await ada.LiveAsync();
        await room.AddTaskAsync("After the crash");
        await Expect(ada.Card("After the crash")).ToHaveCountAsync(1);
        await Expect(ada.Card("During the crash")).ToHaveCountAsync(1);
    }

    [Theory]
    [InlineData("sse")]
    [InlineData("poll")]
    public async Task Where_proxies_break_a_transport_the_next_one_takes_over(string transport)
    {
        await using var room = await Room.CreateAsync(fixture);
        await room.AddTaskAsync("Behind the proxy");
        await using var ada = await fixture.OpenAsync(room.Ada);
        await ada.Context.RouteWebSocketAsync(new System.Text.RegularExpressions.Regex("/realtime/"), socket => socket.CloseAsync());
        if (transport == "poll") await ada.Context.RouteAsync(new System.Text.RegularExpressions.Regex("^http://[^/]+/realtime/[^/]+/sse"), route => route.AbortAsync());
        await ada.Page.AddInitScriptAsync("localStorage.setItem('taskflow.preferences', JSON.stringify({ latencyHint: true }))");
        await ada.GoToBoardAsync(room.Workspace);

        await Expect(ada.Page.GetByText($"· {transport}")).ToBeVisibleAsync();
        await room.AddTaskAsync("Through the proxy");
        await Expect(ada.Card("Through the proxy")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_board_is_painted_from_what_the_browser_kept_and_then_catches_up()
    {
        await using var room = await Room.CreateAsync(fixture);
        await room.AddTaskAsync("Kept");
        await using var ada = await room.OpenAdaAsync();
        await Expect(ada.Card("Kept")).ToBeVisibleAsync();
        await ada.Page.WaitForFunctionAsync("""
            () => new Promise((resolve) => {
              const open = indexedDB.open('taskflow');
              open.onsuccess = () => {
                const count = open.result.transaction('data').objectStore('data').getAllKeys();
                count.onsuccess = () => resolve(count.result.some((key) => String(key).startsWith('workspaces.')));
              };
            })
            """);
        await ada.Page.GotoAsync("about:blank");
        await room.AddTaskAsync("Missed");

        var snapshots = 0;
        ada.Page.Request += (_, request) => snapshots += request.Url.EndsWith("/snapshot", StringComparison.Ordinal) ? 1 : 0;
        await ada.GoToBoardAsync(room.Workspace);
        await Expect(ada.Card("Kept")).ToBeVisibleAsync();
        await Expect(ada.Card("Missed")).ToBeVisibleAsync();
        Assert.InRange(snapshots, 0, 1);
    }
}
