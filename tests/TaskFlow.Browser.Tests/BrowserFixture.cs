using Microsoft.Playwright;
using TaskFlow.Testing;

[assembly: AssemblyFixture(typeof(TaskFlow.Browser.Tests.BrowserFixture))]

namespace TaskFlow.Browser.Tests;

/// <summary>The whole system with the web app and the dashboard, and the machine's own Chromium; started by the first test that needs them, once for all.</summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    private static readonly string[] Chromiums = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    private readonly Lock _gate = new();
    private Task? _starting;
    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private TaskFlowSystem? _system;

    public TaskFlowSystem System => _system ?? throw new InvalidOperationException("StartAsync comes first.");

    /// <summary>Where screenshots go; ignored by git.</summary>
    public static string Artifacts { get; } = Directory.CreateDirectory(Path.Combine(RepositoryRoot(), "artifacts", "browser")).FullName;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>Skips the test where there is no Chromium; else sees to it that everything runs.</summary>
    public async Task StartAsync()
    {
        var executable = FindChromium();
        if (executable is null) Assert.Skip("Chromium is not installed: `apt-get install --no-install-recommends chromium`, or set CHROMIUM to its path.");
        Task starting;
        // One attempt for all tests: what does not start for one does not start for the next.
        lock (_gate) starting = _starting ??= LaunchAsync(executable);
        await starting;
    }

    /// <summary>A browser window of its own, signed in as somebody.</summary>
    public async Task<Person> OpenAsync(TestUser user, int width = 1280, int height = 800, ColorScheme colors = ColorScheme.Light)
    {
        var context = await NewContextAsync(user, width, height, colors);
        return new Person(user, context, await context.NewPageAsync(), System.WebUrl);
    }

    /// <summary>A window in which nobody is signed in.</summary>
    public async Task<IPage> OpenSignedOutAsync() => await (await NewContextAsync(null, 1280, 800, ColorScheme.Light)).NewPageAsync();

    /// <summary>A window for the dashboard, whose addresses are relative to it.</summary>
    public async Task<IPage> OpenDashboardAsync(int width = 1440, int height = 900, ColorScheme colors = ColorScheme.Dark)
    {
        await StartAsync();
        return await (await NewContextAsync(null, width, height, colors, Origin(System.DashboardUrl))).NewPageAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
        if (_system is not null) await _system.DisposeAsync();
    }

    private async Task LaunchAsync(string executable)
    {
        _system = await TaskFlowSystem.StartAsync("--Web:Enabled=true", "--Dashboard:Enabled=true");
        _playwright = await Playwright.CreateAsync();
        Assertions.SetDefaultExpectTimeout(Wait.Milliseconds);
        _browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = executable,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
                // Pages that a test routes count as public, and may else not reach services on loopback.
                "--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets",
            ],
        });
        // Nothing waits for the web app, and its first start installs packages.
        await Deadline.UntilAsync("the web app answers", async () => (string?)(await _system.Resources.GetAsync("web"))["health"] == "Healthy", Deadline.SystemStart);
        await WarmUpAsync(_browser);
    }

    private async Task<IBrowserContext> NewContextAsync(TestUser? user, int width, int height, ColorScheme colors, string? origin = null)
    {
        var context = await _browser!.NewContextAsync(new()
        {
            BaseURL = origin ?? Origin(System.WebUrl),
            ViewportSize = new() { Width = width, Height = height },
            ColorScheme = colors,
            ReducedMotion = ReducedMotion.Reduce,
            StorageState = user is null ? null : Session.StorageState(user, Origin(System.WebUrl)),
        });
        context.SetDefaultTimeout(Wait.Milliseconds);
        context.SetDefaultNavigationTimeout(Wait.Milliseconds);
        return context;
    }

    /// <summary>The development server bundles packages on its first request, and reloads pages when it finds more: not in the middle of a test.</summary>
    private async Task WarmUpAsync(IBrowser browser)
    {
        await using var context = await browser.NewContextAsync(new() { BaseURL = Origin(System.WebUrl) });
        var page = await context.NewPageAsync();
        page.SetDefaultTimeout(3 * Wait.Milliseconds);
        await page.GotoAsync("/login", new() { Timeout = 3 * Wait.Milliseconds });
        await page.GetByLabel("Password").WaitForAsync();
    }

    private static string Origin(Uri url) => url.GetLeftPart(UriPartial.Authority);

    private static string? FindChromium()
    {
        if (Environment.GetEnvironmentVariable("CHROMIUM") is { Length: > 0 } chosen) return chosen;
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return Chromiums.SelectMany(name => folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
    }

    private static string RepositoryRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "TaskFlow.sln"))) return folder.FullName;
        }
        throw new DirectoryNotFoundException($"No TaskFlow.sln above {AppContext.BaseDirectory}.");
    }
}

/// <summary>How long anything on a page may take on a loaded machine.</summary>
internal static class Wait
{
    public const int Milliseconds = 60_000;
}
