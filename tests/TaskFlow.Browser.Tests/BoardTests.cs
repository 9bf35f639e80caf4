using Microsoft.Playwright;
using TaskFlow.Testing;
using static Microsoft.Playwright.Assertions;

namespace TaskFlow.Browser.Tests;

public sealed class BoardTests(BrowserFixture fixture)
{
    [Fact]
    public async Task Several_cards_change_and_come_back_as_one_and_comments_are_not_lost_unasked()
    {
        await using var room = await Room.CreateAsync(fixture);
        foreach (var title in (string[])["Alpha", "Beta"]) await room.AddTaskAsync(title);
        var discussed = await room.AddTaskAsync("Gamma");
        (await room.Bo.Api.PostJsonAsync($"/api/workspaces/{room.Workspace}/tasks/{discussed.Id()}/comments", new { body = "Keep this" })).Expect(201);
        await using var ada = await room.OpenAdaAsync();
        var keyboard = ada.Page.Keyboard;

        await ada.Card("Alpha").Locator("[data-card-link]").FocusAsync();
        foreach (var key in (string[])["x", "j", "x"]) await keyboard.PressAsync(key);
        await Expect(ada.Page.GetByRole(AriaRole.Toolbar, new() { Name = "Selected tasks" })).ToContainTextAsync("2 selected");
        await keyboard.PressAsync("s");
        await ada.Page.GetByRole(AriaRole.Option, new() { Name = "Done" }).ClickAsync();
        await Expect(ada.Column("Done").Locator("[data-card]")).ToHaveCountAsync(2);
        await ada.ScreenshotAsync("bulk");
        await ada.Toasts.GetByRole(AriaRole.Button, new() { Name = "Undo" }).ClickAsync();
        await Expect(ada.Column("To do").Locator("[data-card]")).ToHaveCountAsync(3);
        await keyboard.PressAsync("Escape");

        await ada.Card("Gamma").Locator("[data-card-link]").FocusAsync();
        await keyboard.PressAsync("Control+Backspace");
        var question = ada.Page.GetByRole(AriaRole.Dialog);
        await Expect(question).ToContainTextAsync("comments");
        await question.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Expect(ada.Card("Gamma").Locator("[data-card-link]")).ToBeFocusedAsync();
    }

    [Fact]
    public async Task A_filter_is_in_the_address_and_can_be_kept_as_a_view()
    {
        await using var room = await Room.CreateAsync(fixture);
        await room.AddTaskAsync("Calm");
        var urgent = await room.AddTaskAsync("Burning");
        await room.Ada.PatchTaskAsync(room.Workspace, urgent.Id(), new { priority = "urgent" });
        await using var ada = await room.OpenAdaAsync();

        await ada.Page.GetByRole(AriaRole.Button, new() { Name = "Filter", Exact = true }).ClickAsync();
        await ada.Page.Keyboard.TypeAsync("prio");
        await ada.Page.Keyboard.PressAsync("Enter");
        await ada.Page.GetByRole(AriaRole.Option, new() { Name = "Urgent" }).ClickAsync();
        await ada.Page.Keyboard.PressAsync("Escape");
        await Expect(ada.Page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("priority=urgent"));
        await Expect(ada.Card("Calm")).ToHaveCountAsync(0);

        await ada.Page.GetByRole(AriaRole.Button, new() { Name = "Save view" }).ClickAsync();
        await ada.Page.GetByRole(AriaRole.Dialog).GetByLabel("Name").FillAsync("Fires");
        await ada.Page.Keyboard.PressAsync("Enter");
        await ada.Page.GetByRole(AriaRole.Link, new() { Name = "All tasks" }).ClickAsync();
        await Expect(ada.Card("Calm")).ToBeVisibleAsync();
        await ada.Page.GetByRole(AriaRole.Link, new() { Name = "Fires" }).ClickAsync();
        await Expect(ada.Card("Burning")).ToBeVisibleAsync();
        await Expect(ada.Card("Calm")).ToHaveCountAsync(0);
        await ada.ScreenshotAsync("view");
    }

    [Fact]
    public async Task A_card_and_any_due_date_can_be_reached_by_Tab()
    {
        await using var room = await Room.CreateAsync(fixture);
        foreach (var title in (string[])["Alpha", "Beta"]) await room.AddTaskAsync(title);
        await using var ada = await room.OpenAdaAsync();
        var keyboard = ada.Page.Keyboard;
        var heading = ada.Column("To do").GetByRole(AriaRole.Button, new() { Name = "New task in To do" });
        await Expect(ada.Page.Locator("[data-card-link][tabindex='0']")).ToHaveCountAsync(1);

        await heading.FocusAsync();
        await keyboard.PressAsync("Tab");
        await Expect(ada.Card("Alpha").Locator("[data-card-link]")).ToBeFocusedAsync();
        await keyboard.PressAsync("Shift+D");
        await Expect(ada.Page.GetByRole(AriaRole.Combobox, new() { Name = "Due date" })).ToBeFocusedAsync();
        await keyboard.PressAsync("Tab");
        await Expect(ada.Page.GetByLabel("Other date")).ToBeFocusedAsync();
        await keyboard.TypeAsync("03092031");
        await keyboard.PressAsync("Enter");
        await Expect(ada.Card("Alpha").GetByRole(AriaRole.Button, new() { NameRegex = new("^Due .*2031") })).ToBeVisibleAsync();
        await Expect(ada.Card("Alpha").Locator(":focus")).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task Closing_a_task_with_a_double_click_leaves_what_lies_beneath_alone()
    {
        await using var room = await Room.CreateAsync(fixture);
        await room.AddTaskAsync("Alpha");
        await using var ada = await room.OpenAdaAsync();
        var dialog = ada.Page.GetByRole(AriaRole.Dialog, new() { Name = "New task" });

        await ada.OpenCardAsync("Alpha");
        var close = ada.Page.GetByRole(AriaRole.Button, new() { Name = "Close", Exact = true });
        var box = (await close.BoundingBoxAsync())!;
        await close.DblClickAsync();
        await Expect(ada.Page.Locator("[data-detail]")).ToHaveCountAsync(0);
        await Expect(ada.Card("Alpha").Locator("[data-card-link]")).ToBeFocusedAsync();
        await Expect(dialog).ToHaveCountAsync(0);
        // It was there to be hit: a click that is meant for it does.
        await ada.Page.WaitForTimeoutAsync(600);
        await ada.Page.Mouse.ClickAsync(box.X + box.Width / 2, box.Y + box.Height / 2);
        await Expect(dialog).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_message_lies_over_a_dialog_and_does_not_close_it()
    {
        await using var room = await Room.CreateAsync(fixture);
        await room.AddTaskAsync("Alpha");
        await using var ada = await room.OpenAdaAsync();
        var dialog = ada.Page.GetByRole(AriaRole.Dialog, new() { Name = "New task" });

        await ada.Card("Alpha").Locator("[data-card-link]").FocusAsync();
        await ada.Page.Keyboard.PressAsync("s");
        await ada.Page.GetByRole(AriaRole.Option, new() { Name = "Done" }).ClickAsync();
        await Expect(ada.Toasts).ToContainTextAsync("moved to Done");
        await ada.Page.Keyboard.PressAsync("c");
        await dialog.GetByRole(AriaRole.Textbox, new() { Name = "Title" }).FillAsync("Beta");
        // The dialog hides the rest of the page from the roles, the messages with it; they are read out by themselves.
        await ada.Page.Locator("[data-toasts]").GetByText("Undo").ClickAsync();
        await Expect(ada.Page.Locator("[data-column='todo'] [data-card]")).ToHaveCountAsync(1);
        await Expect(dialog).ToBeVisibleAsync();
        await Expect(dialog.GetByRole(AriaRole.Textbox, new() { Name = "Title" })).ToBeFocusedAsync();
    }

    [Fact]
    public async Task A_finger_that_rests_on_a_card_carries_it()
    {
        await using var room = await Room.CreateAsync(fixture);
        foreach (var title in (string[])["Alpha", "Beta", "Gamma"]) await room.AddTaskAsync(title);
        await using var ada = await fixture.OpenAsync(room.Ada, width: 390, height: 780);
        await ada.GoToBoardAsync(room.Workspace);
        var cards = ada.Column("To do").Locator("[data-card-link]");
        await Expect(cards).ToHaveCountAsync(3);
        var finger = await ada.Context.NewCDPSessionAsync(ada.Page);
        Task TouchAsync(string type, params object[] points) => finger.SendAsync("Input.dispatchTouchEvent", new() { ["type"] = type, ["touchPoints"] = points });

        var from = (await ada.Card("Alpha").BoundingBoxAsync())!;
        var to = (await ada.Card("Gamma").BoundingBoxAsync())!;
        var x = from.X + 60;
        await TouchAsync("touchStart", new { x, y = from.Y + 20 });
        await ada.Page.Locator("[data-board][data-dragging]").WaitForAsync();
        for (var y = from.Y + 20; y < to.Y + to.Height; y += 12) await TouchAsync("touchMove", new { x, y });
        await ada.ScreenshotAsync("phone-dragging");
        await TouchAsync("touchEnd");
        await Expect(cards).ToContainTextAsync(["Beta", "Gamma", "Alpha"]);
    }
}
