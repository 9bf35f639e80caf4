using TaskFlow.Testing;

namespace TaskFlow.Api.Tests.Http;

/// <summary>The built web app, as the API serves it in production.</summary>
public sealed class WebAppTests(WebAppTests.Instance instance) : IClassFixture<WebAppTests.Instance>
{
    [Fact]
    public async Task Addresses_of_the_app_are_its_page_under_a_strict_policy()
    {
        using var http = instance.Api.CreateClient();
        foreach (var path in new[] { "/", "/w/0198c1d2/board", "/invitations/some-token_x" })
        {
            var page = (await http.GetJsonAsync(path)).Expect(200);
            Assert.Contains("<title>TaskFlow</title>", page.Body);
            Assert.True(page.Headers.CacheControl!.NoCache);
            var policy = page.Headers.GetValues("Content-Security-Policy").Single();
            Assert.Contains("script-src 'self'", policy);
            Assert.DoesNotContain("unsafe-eval", policy);
            Assert.Contains("connect-src 'self' http://push.example.org ws://push.example.org", policy);
        }
    }

    [Fact]
    public async Task Hashed_files_are_kept_for_ever_and_missing_ones_are_not_the_page()
    {
        using var http = instance.Api.CreateClient();
        var asset = (await http.GetJsonAsync("/assets/index-abc123.js")).Expect(200);
        Assert.Equal("public, max-age=31536000, immutable", string.Join(", ", asset.Headers.GetValues("Cache-Control")));
        Assert.Equal("not_found", (await http.GetJsonAsync("/assets/index-gone.js")).Expect(404).Code);
    }

    [Fact]
    public async Task The_API_keeps_its_own_errors()
    {
        using var http = instance.Api.CreateClient();
        foreach (var path in new[] { "/api", "/api/nothing", "/internal/nothing", "/.well-known/nothing", "/openapi/nothing" })
        {
            Assert.Equal("not_found", (await http.GetJsonAsync(path)).Expect(404).Code);
        }
        Assert.Equal("method_not_allowed", (await http.DeleteJsonAsync("/api/auth/me")).Expect(405).Code);
    }

    public sealed class Instance(ApiFixture fixture) : IAsyncLifetime
    {
        private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("taskflow-wwwroot-");

        public ApiInstance Api { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            await File.WriteAllTextAsync(Path.Combine(_root.FullName, "index.html"), "<!doctype html><title>TaskFlow</title>");
            Directory.CreateDirectory(Path.Combine(_root.FullName, "assets"));
            await File.WriteAllTextAsync(Path.Combine(_root.FullName, "assets", "index-abc123.js"), "export {}");
            Api = await ApiInstance.StartAsync(fixture, new Dictionary<string, string> { ["ASPNETCORE_WEBROOT"] = _root.FullName });
        }

        public async ValueTask DisposeAsync()
        {
            if (Api is not null) await Api.DisposeAsync();
            _root.Delete(recursive: true);
        }
    }
}
