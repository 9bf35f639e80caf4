using Microsoft.Playwright;
using TaskFlow.Testing;

namespace TaskFlow.Browser.Tests;

/// <summary>Somebody at a browser: the page, and what a person finds on it by its name.</summary>
public sealed class Person(TestUser user, IBrowserContext context, IPage page, Uri web) : IAsyncDisposable
{
    public TestUser User => user;

    public IBrowserContext Context => context;

    public IPage Page => page;

    /// <summary>The pill over the page that says how the connection is; carries the connection's status as an attribute.</summary>
    public ILocator Connection => page.Locator("[data-connection]");

    public ILocator Toasts => page.GetByRole(AriaRole.Region, new() { Name = "Messages" });

    public ILocator Column(string status) => page.GetByRole(AriaRole.Region, new() { NameRegex = new($"^{status}, ") });

    public ILocator Card(string title) => page.Locator("[data-card]").Filter(new() { HasText = title });

    public ILocator Detail(string title) => page.Locator("[data-detail]").Filter(new() { HasText = title });

    public ILocator Title => page.Locator("[data-detail]").GetByRole(AriaRole.Textbox, new() { Name = "Title" });

    public async Task GoToBoardAsync(Guid workspace)
    {
        await page.GotoAsync($"{web.GetLeftPart(UriPartial.Authority)}/w/{workspace}/board");
        await LiveAsync();
    }

    /// <summary>Goes to another place of the app as its links do: the development server's many files are not loaded anew.</summary>
    public Task FollowAsync(string path) => page.EvaluateAsync("path => { history.pushState(null, '', path); dispatchEvent(new PopStateEvent('popstate')); }", path);

    public Task LiveAsync() => Assertions.Expect(Connection).ToHaveAttributeAsync("data-connection", "live");

    public async Task OpenCardAsync(string title)
    {
        await Card(title).Locator("[data-card-link]").ClickAsync();
        await Assertions.Expect(page.Locator("[data-detail]")).ToBeVisibleAsync();
    }

    public async Task AddCardAsync(string status, string title)
    {
        var field = page.GetByRole(AriaRole.Textbox, new() { Name = $"Title of the new task in {status}" });
        if (!await field.IsVisibleAsync()) await Column(status).GetByRole(AriaRole.Button, new() { Name = "Add task" }).ClickAsync();
        await field.FillAsync(title);
        await field.PressAsync("Enter");
    }

    public async Task RetitleAsync(string title)
    {
        await Title.FillAsync(title);
        await Title.PressAsync("Enter");
    }

    public Task ScreenshotAsync(string name) => page.ScreenshotAsync(new() { Path = Path.Combine(BrowserFixture.Artifacts, name + ".png") });

    public async ValueTask DisposeAsync() => await context.DisposeAsync();
}
