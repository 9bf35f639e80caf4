using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace TaskFlow.Browser.Tests.Dashboard;

/// <summary>Keys, themes, sizes, and how the dashboard's pages load.</summary>
// With those who stop resources: a change made meanwhile would leave no whole trace.
[Collection(DashboardTests.Resources)]
public sealed class DashboardAppearanceTests(BrowserFixture fixture)
{
    private static readonly string[] Pages = ["/", "/?open=api/0", "/updates", "/traces", "/logs", "/metrics", "/console/api/0", "/traces/00", "/logs?q=nothing-like-this"];

    [Fact]
    public async Task Everything_is_reached_by_keyboard()
    {
        await using var dashboard = await DashboardPage.OpenAsync(fixture, "/");
        foreach (var (key, path) in ((string, string)[])[("2", "/updates"), ("3", "/traces"), ("4", "/logs"), ("5", "/metrics"), ("6", "/console"), ("1", "/")])
        {
            await dashboard.PressAsync(key);
            await Expect(dashboard.Page).ToHaveURLAsync(new Regex($"{path}$"));
        }

        // A page that was loaded as a whole is drawn before it answers.
        await Expect(dashboard.Page.GetByRole(AriaRole.Heading, new() { Name = "Resources", Exact = true })).ToBeVisibleAsync();
        await Expect(dashboard.Page.Locator("[data-interactive]")).ToBeVisibleAsync();
        await Expect(dashboard.Rows.Nth(1)).ToBeVisibleAsync();
        await dashboard.PressAsync("j");
        await Expect(dashboard.Rows.First).ToBeFocusedAsync();
        await dashboard.Page.Keyboard.PressAsync("ArrowDown");
        await Expect(dashboard.Rows.Nth(1)).ToBeFocusedAsync();
        await dashboard.Page.Keyboard.PressAsync("k");
        await Expect(dashboard.Rows.First).ToBeFocusedAsync();
        await dashboard.Page.Keyboard.PressAsync("Enter");
        await Expect(dashboard.Details).ToBeVisibleAsync();

        // Help lies over the details: Esc closes one after the other.
        await dashboard.PressAsync("?");
        await Expect(dashboard.Page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await dashboard.Page.Keyboard.PressAsync("Escape");
        await Expect(dashboard.Page.GetByRole(AriaRole.Dialog)).ToBeHiddenAsync();
        await Expect(dashboard.Details).ToBeVisibleAsync();
        await dashboard.Page.Keyboard.PressAsync("Escape");
        await Expect(dashboard.Details).ToHaveCountAsync(0);

        await dashboard.PressAsync("p");
        await Expect(dashboard.Page.Locator("[data-pause]")).ToHaveAttributeAsync("aria-pressed", "true");
        await dashboard.PressAsync("4");
        await Expect(dashboard.Search).ToBeVisibleAsync();
        await dashboard.PressAsync("/");
        await Expect(dashboard.Search).ToBeFocusedAsync();
        // In a field, letters are letters.
        await dashboard.Page.Keyboard.TypeAsync("t3p");
        await Expect(dashboard.Search).ToHaveValueAsync("t3p");
        await Expect(dashboard.Page).ToHaveURLAsync(new Regex(@"/logs\?q=t3p$"));
        await dashboard.Page.Keyboard.PressAsync("Escape");
        await Expect(dashboard.Search).Not.ToBeFocusedAsync();
    }

    [Theory]
    [InlineData(ColorScheme.Dark)]
    [InlineData(ColorScheme.Light)]
    public async Task The_theme_is_the_systems_until_somebody_chooses(ColorScheme colors)
    {
        await using var dashboard = await DashboardPage.OpenAsync(fixture, "/", colors: colors);
        Assert.Equal(colors == ColorScheme.Dark, await IsDarkAsync(dashboard));
        await dashboard.PressAsync("t");
        Assert.Equal(colors == ColorScheme.Light, await IsDarkAsync(dashboard));
        await dashboard.GoToAsync("/metrics");
        Assert.Equal(colors == ColorScheme.Light, await IsDarkAsync(dashboard));
    }

    [Theory]
    [InlineData(ColorScheme.Dark, 1440)]
    [InlineData(ColorScheme.Light, 1440)]
    [InlineData(ColorScheme.Light, 400)]
    public async Task Axe_finds_nothing_serious_and_nothing_is_wider_than_the_screen(ColorScheme colors, int width)
    {
        await using var room = await Room.CreateAsync(fixture);
        var traceId = await DashboardPage.ChangeATaskAsync(fixture, room);
        await using var dashboard = await DashboardPage.OpenAsync(fixture, "/", width, colors: colors);
        foreach (var path in Pages.Append($"/traces/{traceId}").Append($"/updates?open={traceId}"))
        {
            await dashboard.GoToAsync(path);
            var name = $"{path.Replace(traceId, "", StringComparison.Ordinal).Replace('/', '-').Replace('?', '-')}-{colors}-{width}".ToLowerInvariant();
            await dashboard.ScreenshotAsync(name);
            await Accessibility.CheckAsync(dashboard.Page, name);
            Assert.True(await dashboard.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= window.innerWidth"), $"{name} is wider than the screen");
        }
    }

    [Fact]
    public async Task A_link_before_the_page_is_live_loads_the_next_page_as_a_whole()
    {
        var page = await OpenDeadPageAsync();
        await using var context = page.Context;
        var loaded = page.WaitForRequestAsync(request => new Uri(request.Url).AbsolutePath == "/traces");
        await page.GetByRole(AriaRole.Link, new() { Name = "Traces" }).ClickAsync();
        Assert.True((await loaded).IsNavigationRequest);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Traces" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Enter_opens_a_row_before_the_page_is_live()
    {
        var page = await OpenDeadPageAsync();
        await using var context = page.Context;
        await page.Keyboard.PressAsync("j");
        await Expect(page.Locator("[data-row]").First).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("aside.details")).ToBeVisibleAsync();
        await Expect(page.Locator("[data-interactive]")).ToHaveCountAsync(0);
    }

    /// <summary>The resources, drawn by the server, with nobody behind them.</summary>
    private async Task<IPage> OpenDeadPageAsync()
    {
        var page = await fixture.OpenDashboardAsync();
        await page.RouteAsync("**/_blazor/**", route => route.AbortAsync());
        await page.RouteWebSocketAsync(new Regex("/_blazor"), socket => socket.CloseAsync());
        await page.GotoAsync("/");
        return page;
    }

    private static Task<bool> IsDarkAsync(DashboardPage dashboard) =>
        dashboard.Page.EvaluateAsync<bool>("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).every(part => part < 60)");
}
