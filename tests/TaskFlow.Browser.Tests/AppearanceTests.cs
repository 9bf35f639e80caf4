using Microsoft.Playwright;
using TaskFlow.Testing;
using static Microsoft.Playwright.Assertions;

namespace TaskFlow.Browser.Tests;

public sealed class AppearanceTests(BrowserFixture fixture)
{
    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Axe_finds_nothing_serious(ColorScheme colors)
    {
        await using var room = await Room.CreateAsync(fixture);
        var task = await room.AddTaskAsync("Count the stars");
        await room.Ada.PatchTaskAsync(room.Workspace, task.Id(), new
        {
            description = "# Plan\n\n- [x] Look up\n- [ ] Count\n\nSee [the map](https://example.org).",
            labels = new[] { "night", "sky" },
            priority = "urgent",
            dueOn = "2020-01-31",
            assigneeId = room.Bo.Id,
            status = "in_review",
        });
        await using var ada = await fixture.OpenAsync(room.Ada, colors: colors);
        await ada.GoToBoardAsync(room.Workspace);
        await Expect(ada.Card("Count the stars")).ToBeVisibleAsync();
        await CheckAsync(ada, $"board-{colors}");
        await ada.OpenCardAsync("Count the stars");
        await CheckAsync(ada, $"detail-{colors}");
        foreach (var place in (string[])["list", "inbox", "projects", "settings", "settings/members"])
        {
            await ada.FollowAsync($"/w/{room.Workspace}/{place}");
            await ShownAsync(ada, place);
            await CheckAsync(ada, $"{place.Replace('/', '-')}-{colors}");
        }
    }

    [Fact]
    public async Task Nothing_is_cut_off_on_a_small_phone()
    {
        await using var room = await Room.CreateAsync(fixture);
        await room.AddTaskAsync("A rather long title that has to wrap somewhere on a small screen, hasn't it?");
        await using var ada = await fixture.OpenAsync(room.Ada, width: 360, height: 740);
        await ada.GoToBoardAsync(room.Workspace);
        foreach (var place in (string[])["board", "list", "inbox", "projects", "settings"])
        {
            await ada.FollowAsync($"/w/{room.Workspace}/{place}");
            await ShownAsync(ada, place);
            Assert.True(await ada.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= window.innerWidth"), $"{place} is wider than the screen");
            await ada.ScreenshotAsync($"phone-{place}");
        }
        await ada.FollowAsync($"/w/{room.Workspace}/board");
        await ada.OpenCardAsync("A rather long title");
        Assert.True(await ada.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= window.innerWidth"), "the detail is wider than the screen");
        await ada.ScreenshotAsync("phone-detail");
    }

    [Fact]
    public async Task Five_hundred_tasks_are_a_board_like_any_other()
    {
        await using var room = await Room.CreateAsync(fixture);
        using var gate = new SemaphoreSlim(8);
        await Task.WhenAll(Enumerable.Range(1, 500).Select(async number =>
        {
            await gate.WaitAsync(TestContext.Current.CancellationToken);
            try { await room.AddTaskAsync($"Task number {number}"); }
            finally { gate.Release(); }
        }));
        await using var ada = await room.OpenAdaAsync();
        await Expect(ada.Column("To do")).ToHaveAttributeAsync("aria-label", "To do, 500 tasks");
        Assert.InRange(await ada.Page.Locator("[data-card]").CountAsync(), 5, 120);

        var first = ada.Page.Locator("[data-card]").First;
        var title = (await first.Locator("[data-card-link]").TextContentAsync())!.Split(' ', 2)[1];
        var id = await first.GetAttributeAsync("data-card");
        await room.Bo.PatchTaskAsync(room.Workspace, Guid.Parse(id!), new { status = "done" });
        await Expect(ada.Column("Done").Locator("[data-card]")).ToContainTextAsync([title]);
        await Expect(ada.Column("To do")).ToHaveAttributeAsync("aria-label", "To do, 499 tasks");
        await ada.ScreenshotAsync("board-500");
    }

    private static Task ShownAsync(Person person, string place) => Expect(place switch
    {
        "board" => person.Page.Locator("[data-board]"),
        "list" => person.Page.GetByRole(AriaRole.List, new() { Name = "Tasks" }),
        "settings/members" => person.Page.GetByRole(AriaRole.Heading, new() { Name = "Invite people" }),
        _ => person.Page.GetByRole(AriaRole.Heading, new() { Name = place, Level = 1 }),
    }).ToBeVisibleAsync();

    private static async Task CheckAsync(Person person, string name)
    {
        await person.ScreenshotAsync(name.ToLowerInvariant());
        await Accessibility.CheckAsync(person.Page, name);
    }
}
