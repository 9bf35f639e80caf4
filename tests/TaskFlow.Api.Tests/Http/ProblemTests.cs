using System.Net.Http.Headers;
using System.Text;
using TaskFlow.Testing;

namespace TaskFlow.Api.Tests.Http;

public sealed class ProblemTests(ApiFixture fixture)
{
    [Theory]
    [InlineData("GET", "/api", 404, "not_found")]
    [InlineData("GET", "/api/nothing", 404, "not_found")]
    [InlineData("GET", "/api/workspaces/nonsense", 404, "not_found")]
    [InlineData("GET", "/api/workspaces/00000000-0000-0000-0000-000000000000", 404, "not_found")]
    [InlineData("PUT", "/api/workspaces", 405, "method_not_allowed")]
    [InlineData("DELETE", "/api/auth/me", 405, "method_not_allowed")]
    [InlineData("POST", "/openapi/v1.json", 405, "method_not_allowed")]
    public async Task What_the_framework_refuses_is_a_problem_too(string method, string path, int status, string code)
    {
        using var user = await fixture.RegisterAsync();
        var answer = (await user.Api.SendAsync(new HttpMethod(method), path)).Expect(status);
        Assert.Equal(code, answer.Code);
        Assert.Equal(status, answer.Json.Number("status"));
        Assert.NotEmpty(answer.Json.Text("title"));
        if (status == 405) Assert.NotEmpty(answer.ContentHeaders.Allow);
    }

    [Fact]
    public async Task Bodies_over_1_MB_are_too_large_with_and_without_a_key_or_a_length()
    {
        using var user = await fixture.RegisterAsync();
        var body = $$"""{"name":"W","more":"{{new string('x', 1024 * 1024)}}"}""";
        Assert.Equal("too_large", (await user.Api.PostJsonAsync("/api/workspaces", body)).Expect(413).Code);
        Assert.Equal("too_large", (await user.Api.PostJsonAsync("/api/workspaces", body, ("Idempotency-Key", "large"))).Expect(413).Code);

        using var chunked = new HttpRequestMessage(HttpMethod.Post, "/api/workspaces") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        chunked.Headers.TransferEncodingChunked = true;
        using var response = await user.Api.SendAsync(chunked);
        Assert.Equal("too_large", (await ApiResponse.ReadAsync(response, CancellationToken.None)).Expect(413).Code);
    }

    [Fact]
    public async Task A_body_just_under_1_MB_is_read()
    {
        using var user = await fixture.RegisterAsync();
        var body = $$"""{"name":"W","more":"{{new string('x', 1024 * 1024 - 100)}}"}""";
        (await user.Api.PostJsonAsync("/api/workspaces", body)).Expect(201);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/xml")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/json; charset=nonsense")]
    public async Task Only_JSON_in_UTF_8_is_read(string type)
    {
        using var user = await fixture.RegisterAsync();
        using var content = new ByteArrayContent("""{"name":"W"}"""u8.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        using var response = await user.Api.PostAsync("/api/workspaces", content);
        Assert.Equal("unsupported_media_type", (await ApiResponse.ReadAsync(response, CancellationToken.None)).Expect(415).Code);
    }

    [Fact]
    public async Task Bytes_that_are_no_UTF_8_are_the_fields_fault()
    {
        using var user = await fixture.RegisterAsync();
        using var content = new ByteArrayContent([.. "{\"name\":\""u8, 0xFF, 0xFE, 0xC0, .. "\"}"u8]) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        using var response = await user.Api.PostAsync("/api/workspaces", content);
        var answer = (await ApiResponse.ReadAsync(response, CancellationToken.None)).Expect(400);
        Assert.Equal("validation_failed", answer.Code);
    }

    [Fact]
    public async Task Deep_nesting_is_refused_and_not_followed()
    {
        using var user = await fixture.RegisterAsync();
        var body = string.Concat(Enumerable.Repeat("{\"name\":", 10_000)) + "1" + new string('}', 10_000);
        Assert.Equal("validation_failed", (await user.Api.PostJsonAsync("/api/workspaces", body)).Expect(400).Code);
    }

    [Fact]
    public async Task Every_answer_has_the_security_headers()
    {
        using var user = await fixture.RegisterAsync();
        foreach (var path in new[] { "/api/workspaces", "/api/nothing", "/health", "/.well-known/jwks.json", "/api/workspaces?limit=x" })
        {
            var answer = await user.Api.GetJsonAsync(path);
            Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.Equal("DENY", answer.Headers.GetValues("X-Frame-Options").Single());
            Assert.Contains("frame-ancestors 'none'", answer.Headers.GetValues("Content-Security-Policy").Single());
            Assert.Equal("no-referrer", answer.Headers.GetValues("Referrer-Policy").Single());
            Assert.False(answer.Headers.Contains("Server"));
            if (path.StartsWith("/api", StringComparison.Ordinal)) Assert.True(answer.Headers.CacheControl!.NoStore);
        }
    }

    [Fact]
    public async Task Only_the_web_app_may_call_from_a_browser()
    {
        var instance = await fixture.SecondInstanceAsync();
        using var http = instance.CreateClient();
        (string, string)[] Preflight(string origin) => [("Origin", origin), ("Access-Control-Request-Method", "PATCH"), ("Access-Control-Request-Headers", "authorization,idempotency-key,if-match,content-type")];

        var allowed = await http.SendAsync(HttpMethod.Options, "/api/workspaces", null, Preflight("http://web.example.org"));
        Assert.Equal("http://web.example.org", allowed.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Contains("Idempotency-Key", allowed.Headers.GetValues("Access-Control-Allow-Headers").Single(), StringComparison.OrdinalIgnoreCase);
        foreach (var origin in new[] { "http://evil.example.org", "https://web.example.org", "http://web.example.org.evil.org", "null" })
        {
            Assert.False((await http.SendAsync(HttpMethod.Options, "/api/workspaces", null, Preflight(origin))).Headers.Contains("Access-Control-Allow-Origin"), origin);
            Assert.False((await http.GetJsonAsync("/api/workspaces", ("Origin", origin))).Headers.Contains("Access-Control-Allow-Origin"), origin);
        }
        // A refusal must be readable to the web app, or it sees a network error.
        var refused = (await http.GetJsonAsync("/api/workspaces", ("Origin", "http://web.example.org"))).Expect(401);
        Assert.Equal("http://web.example.org", refused.Headers.GetValues("Access-Control-Allow-Origin").Single());
    }
}
