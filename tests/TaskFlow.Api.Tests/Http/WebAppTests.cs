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

            var head = (await http.SendAsync(HttpMethod.Head, path)).Expect(200);
            Assert.Equal("", head.Body);
            Assert.Equal("text/html", head.ContentHeaders.ContentType?.MediaType);
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

    [Theory]
    [InlineData("gzip, deflate, br", "br")]
    [InlineData("gzip, br;q=0", "gzip")]
    [InlineData("identity", null)]
    public async Task The_smallest_copy_that_the_browser_takes_is_sent(string accepted, string? encoding)
    {
        using var http = instance.Api.CreateClient();
        foreach (var (path, type) in new[] { ("/assets/index-abc123.js", "text/javascript"), ("/w/0198c1d2/board", "text/html") })
        {
            var file = (await http.GetJsonAsync(path, ("Accept-Encoding", accepted))).Expect(200);
            Assert.Equal(encoding, file.ContentHeaders.ContentEncoding.SingleOrDefault());
            Assert.Equal(type, file.ContentHeaders.ContentType?.MediaType);
            Assert.Equal("Accept-Encoding", file.Headers.Vary.Single());
            Assert.Equal(encoding is not null, file.Body == $"as {encoding}");
            Assert.Equal(type == "text/html", file.Headers.GetValues("Content-Security-Policy").Single().Contains("script-src 'self'", StringComparison.Ordinal));
        }
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
            foreach (var file in (string[])["index.html", "assets/index-abc123.js"])
            {
                await File.WriteAllTextAsync(Path.Combine(_root.FullName, file + ".br"), "as br");
                await File.WriteAllTextAsync(Path.Combine(_root.FullName, file + ".gz"), "as gzip");
            }
            Api = await ApiInstance.StartAsync(fixture, new Dictionary<string, string> { ["ASPNETCORE_WEBROOT"] = _root.FullName });
        }

        public async ValueTask DisposeAsync()
        {
            if (Api is not null) await Api.DisposeAsync();
            _root.Delete(recursive: true);
        }
    }
}
