using System.Text.RegularExpressions;
using Microsoft.Playwright;
using TaskFlow.Testing;
using static Microsoft.Playwright.Assertions;

namespace TaskFlow.Browser.Tests;

public sealed class AccessTests(BrowserFixture fixture)
{
    [Fact]
    public async Task Somebody_new_gets_from_the_front_door_to_a_first_card()
    {
        await fixture.StartAsync();
        var page = await fixture.OpenSignedOutAsync();
        await using var context = page.Context;
        await page.GotoAsync("/");
        await page.GetByRole(AriaRole.Link, new() { NameRegex = new("account|sign up", RegexOptions.IgnoreCase) }).First.ClickAsync();
        await page.GetByLabel("Your name").FillAsync("Cleo Park");
        await page.GetByLabel("E-mail").FillAsync($"cleo-{Guid.CreateVersion7():N}@example.org");
        await page.GetByLabel("Password").FillAsync("short");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create account" }).ClickAsync();
        await Expect(page.Locator("form")).ToContainTextAsync(new Regex("8 characters"));
        await page.GetByLabel("Password").FillAsync("correct horse 1");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create account" }).ClickAsync();

        // Exactly: the form that is leaving still has "Your name".
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("Apollo");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create workspace" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new("project", RegexOptions.IgnoreCase) }).First.ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Name").FillAsync("Moon shot");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Create project" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Add task" }).First.ClickAsync();
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Title of the new task in To do" }).FillAsync("First step");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("[data-card]")).ToContainTextAsync(["First step"]);
    }

    [Fact]
    public async Task An_invitation_link_lets_somebody_in()
    {
        await using var room = await Room.CreateAsync(fixture);
        await room.AddTaskAsync("Already here");
        var invitation = (await room.Ada.Api.PostJsonAsync($"/api/workspaces/{room.Workspace}/invitations", new { role = "member" })).Expect(201).Json;
        using var guest = await fixture.System.RegisterAsync("Dee Marsh");
        await using var dee = await fixture.OpenAsync(guest);
        await dee.Page.GotoAsync(new Uri(invitation.Text("url")).PathAndQuery);
        await dee.Page.GetByRole(AriaRole.Button, new() { NameRegex = new("join|accept", RegexOptions.IgnoreCase) }).ClickAsync();
        await Expect(dee.Card("Already here")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_guest_sees_everything_and_nothing_to_change_it_with()
    {
        await using var room = await Room.CreateAsync(fixture, roleOfBo: "guest");
        await room.AddTaskAsync("Look, don't touch");
        await using var bo = await room.OpenBoAsync();
        await Expect(bo.Card("Look, don't touch")).ToBeVisibleAsync();
        await Expect(bo.Page.GetByRole(AriaRole.Button, new() { Name = "Add task" })).ToHaveCountAsync(0);
        await bo.OpenCardAsync("Look, don't touch");
        await Expect(bo.Page.Locator("[data-detail]").GetByRole(AriaRole.Textbox)).ToHaveCountAsync(0);
        await Expect(bo.Page.Locator("[data-detail] [data-property]:is(button)")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Somebody_who_is_removed_is_shown_out_within_seconds()
    {
        await using var room = await Room.CreateAsync(fixture);
        await room.AddTaskAsync("Not yours any more");
        await using var bo = await room.OpenBoAsync();
        (await room.Ada.Api.DeleteAsync($"/api/workspaces/{room.Workspace}/members/{room.Bo.Id}", TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        await Expect(bo.Page).ToHaveURLAsync(new Regex("/workspaces$"));
        await Expect(bo.Card("Not yours any more")).ToHaveCountAsync(0);
    }
}
