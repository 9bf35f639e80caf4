using System.Text.RegularExpressions;
using Microsoft.Playwright;
using TaskFlow.Testing;
using static Microsoft.Playwright.Assertions;

namespace TaskFlow.Browser.Tests;

public sealed class CollaborationTests(BrowserFixture fixture)
{
    [Fact]
    public async Task What_one_person_does_the_other_one_sees()
    {
        await using var room = await Room.CreateAsync(fixture);
        await using var ada = await room.OpenAdaAsync();
        await using var bo = await room.OpenBoAsync();

        await ada.AddCardAsync("To do", "Draw the rocket");
        await Expect(bo.Column("To do").Locator("[data-card]").Filter(new() { HasText = "Draw the rocket" })).ToBeVisibleAsync();

        await bo.OpenCardAsync("Draw the rocket");
        await bo.RetitleAsync("Draw the lander");
        await Expect(ada.Card("Draw the lander")).ToBeVisibleAsync();
        await Expect(ada.Card("Draw the lander").GetByRole(AriaRole.Img, new() { NameRegex = new("Here now: Bo Hansen") })).ToBeVisibleAsync();

        await ada.OpenCardAsync("Draw the lander");
        await Expect(bo.Page.Locator("[data-detail]").GetByRole(AriaRole.Img, new() { NameRegex = new("Here now: Ada Lovelace") })).ToBeVisibleAsync();
        var comment = ada.Page.GetByPlaceholder(new Regex("comment", RegexOptions.IgnoreCase));
        await comment.PressSequentiallyAsync("Legs first");
        await Expect(bo.Page.GetByText("Ada Lovelace is typing…")).ToBeVisibleAsync();
        await comment.PressAsync("Control+Enter");
        await Expect(bo.Page.GetByRole(AriaRole.List, new() { Name = "Comments" })).ToContainTextAsync("Legs first");
        await ada.ScreenshotAsync("detail");

        await ada.Page.Keyboard.PressAsync("Escape");
        await room.Bo.PatchTaskAsync(room.Workspace, await TaskIdAsync(room), new { status = "in_progress" });
        await Expect(ada.Column("In progress").Locator("[data-card]")).ToHaveCountAsync(1);
        await ada.ScreenshotAsync("board");
    }

    [Fact]
    public async Task Cards_move_by_keyboard_and_by_mouse_for_everybody()
    {
        await using var room = await Room.CreateAsync(fixture);
        foreach (var title in (string[])["Alpha", "Beta", "Gamma"]) await room.AddTaskAsync(title);
        await using var ada = await room.OpenAdaAsync();
        await using var bo = await room.OpenBoAsync();

        await ada.Card("Alpha").Locator("[data-card-link]").FocusAsync();
        await ada.Page.Keyboard.PressAsync("Alt+ArrowRight");
        await Expect(bo.Column("In progress").Locator("[data-card]")).ToContainTextAsync(["Alpha"]);

        await ada.Card("Beta").HoverAsync();
        var from = (await ada.Card("Beta").BoundingBoxAsync())!;
        var to = (await ada.Column("Done").BoundingBoxAsync())!;
        await ada.Page.Mouse.MoveAsync(from.X + 60, from.Y + 20);
        await ada.Page.Mouse.DownAsync();
        await ada.Page.Mouse.MoveAsync(from.X + 90, from.Y + 30, new() { Steps = 4 });
        await ada.Page.Mouse.MoveAsync(to.X + to.Width / 2, to.Y + 120, new() { Steps = 12 });
        await ada.ScreenshotAsync("dragging");
        await ada.Page.Mouse.UpAsync();
        await Expect(bo.Column("Done").Locator("[data-card]")).ToContainTextAsync(["Beta"]);

        await ada.Page.Keyboard.PressAsync("Control+z");
        await Expect(bo.Column("To do").Locator("[data-card]")).ToHaveCountAsync(2);
    }

    [Fact]
    public async Task Who_was_written_over_is_told_by_whom_and_what()
    {
        await using var room = await Room.CreateAsync(fixture);
        var task = await room.AddTaskAsync("Weld the hull");
        await using var ada = await room.OpenAdaAsync();
        await ada.OpenCardAsync("Weld the hull");
        await ada.RetitleAsync("Weld the hull twice");
        await Expect(ada.Title).ToHaveValueAsync("Weld the hull twice");
        await Deadline.UntilAsync("Ada's change is stored", async () =>
            (await room.Ada.Api.GetJsonAsync($"/api/workspaces/{room.Workspace}/tasks/{task.Id()}")).Json.Number("version") == 2);

        await room.Bo.PatchTaskAsync(room.Workspace, task.Id(), new { title = "Rivet the hull", version = 1 });
        await Expect(ada.Toasts).ToContainTextAsync(new Regex("updated by Bo Hansen.*title.*overwritten"));
        await Expect(ada.Title).ToHaveValueAsync("Rivet the hull");
        await ada.ScreenshotAsync("overwritten");
    }

    [Fact]
    public async Task What_others_write_meanwhile_is_shown_and_they_are_told_when_it_is_written_over()
    {
        await using var room = await Room.CreateAsync(fixture);
        var task = await room.AddTaskAsync("Weld the hull");
        await using var ada = await room.OpenAdaAsync();
        await using var bo = await room.OpenBoAsync();
        await ada.OpenCardAsync("Weld the hull");
        await ada.Title.FillAsync("Weld the hull twice");
        await room.Bo.PatchTaskAsync(room.Workspace, task.Id(), new { title = "Rivet the hull" });
        await Expect(ada.Page.Locator("[data-detail]")).ToContainTextAsync("The title was changed to “Rivet the hull” while you write.");
        await ada.ScreenshotAsync("title-changed");

        await ada.Title.PressAsync("Enter");
        await Expect(bo.Toasts).ToContainTextAsync(new Regex("updated by Ada Lovelace.*title.*overwritten"));
        await Expect(bo.Card("Weld the hull twice")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Who_views_a_task_that_is_deleted_is_told_and_led_back_to_the_board()
    {
        await using var room = await Room.CreateAsync(fixture);
        var task = await room.AddTaskAsync("Paint the tail");
        await using var ada = await room.OpenAdaAsync();
        await ada.OpenCardAsync("Paint the tail");

        (await room.Bo.Api.DeleteAsync($"/api/workspaces/{room.Workspace}/tasks/{task.Id()}", TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        await Expect(ada.Toasts).ToContainTextAsync("was deleted by Bo Hansen");
        await Expect(ada.Page.Locator("[data-detail]")).ToHaveCountAsync(0);
        await Expect(ada.Page).ToHaveURLAsync(new Regex("/board"));
        await Expect(ada.Card("Paint the tail")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_mention_rings_the_bell_of_whom_it_names()
    {
        await using var room = await Room.CreateAsync(fixture);
        var task = await room.AddTaskAsync("Fuel the tanks");
        await using var ada = await room.OpenAdaAsync();
        (await room.Bo.Api.PostJsonAsync($"/api/workspaces/{room.Workspace}/tasks/{task.Id()}/comments", new { body = "@Ada Lovelace which ones?" })).Expect(201);
        await Expect(ada.Toasts).ToContainTextAsync("Bo Hansen");
        await ada.Page.GetByRole(AriaRole.Link, new() { NameRegex = new("Inbox") }).First.ClickAsync();
        await Expect(ada.Page.GetByRole(AriaRole.List, new() { Name = "Notifications" })).ToContainTextAsync("Bo Hansen");
        await Expect(ada.Page.GetByRole(AriaRole.Img, new() { Name = "Unread" })).ToHaveCountAsync(1);
        await ada.ScreenshotAsync("inbox");
    }

    private static async Task<Guid> TaskIdAsync(Room room) =>
        (await room.Ada.Api.GetJsonAsync($"/api/workspaces/{room.Workspace}/tasks")).Json["data"]![0].Id();
}
