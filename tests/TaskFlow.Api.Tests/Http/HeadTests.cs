using TaskFlow.Testing;

namespace TaskFlow.Api.Tests.Http;

/// <summary>HEAD answers as GET would, without the body (RFC 9110, 9.3.2).</summary>
public sealed class HeadTests(ApiFixture fixture)
{
    [Fact]
    public async Task Whatever_can_be_read_can_be_asked_about()
    {
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        var task = await owner.CreateTaskAsync(workspace, await owner.CreateProjectAsync(workspace));
        foreach (var path in new[] { "/alive", "/health", "/openapi/v1.json", "/.well-known/jwks.json", "/api/auth/me", $"/api/workspaces/{workspace}/snapshot", $"/api/workspaces/{workspace}/tasks/{task.Id()}" })
        {
            var get = (await owner.Api.GetJsonAsync(path)).Expect(200);
            var head = (await owner.Api.SendAsync(HttpMethod.Head, path)).Expect(200);
            Assert.Equal("", head.Body);
            Assert.Equal((get.ContentHeaders.ContentType, get.Headers.ETag), (head.ContentHeaders.ContentType, head.Headers.ETag));
        }
        Assert.Equal("\"1\"", (await owner.Api.SendAsync(HttpMethod.Head, $"/api/workspaces/{workspace}/tasks/{task.Id()}")).Headers.ETag!.Tag);
    }

    [Fact]
    public async Task Push_answers_it_where_it_tells_of_its_health()
    {
        using var http = new HttpClient { BaseAddress = fixture.System.PushUrl };
        foreach (var path in new[] { "/alive", "/health" }) Assert.Equal("", (await http.SendAsync(HttpMethod.Head, path)).Expect(200).Body);
    }

    [Fact]
    public async Task It_is_refused_as_the_GET_would_be_and_changes_nothing()
    {
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        using var stranger = await fixture.RegisterAsync();
        using var anonymous = fixture.Anonymous();
        var path = $"/api/workspaces/{workspace}";
        Assert.Equal("", (await anonymous.SendAsync(HttpMethod.Head, path)).Expect(401).Body);
        (await stranger.Api.SendAsync(HttpMethod.Head, path)).Expect(404);
        (await owner.Api.SendAsync(HttpMethod.Head, path + "/members?limit=x")).Expect(400);
        (await owner.Api.SendAsync(HttpMethod.Head, "/api/nothing")).Expect(404);
        // There is nothing to read at these.
        (await owner.Api.SendAsync(HttpMethod.Head, "/api/auth/logout")).Expect(405);
        (await owner.Api.SendAsync(HttpMethod.Head, path + "/realtime-token")).Expect(405);
        (await owner.Api.GetJsonAsync("/api/auth/me")).Expect(200);
    }

    [Theory]
    [InlineData("PUT", "/api/workspaces", "GET, HEAD, POST")]
    [InlineData("DELETE", "/api/auth/me", "GET, HEAD")]
    [InlineData("DELETE", "/api/notifications/preferences", "GET, HEAD, PUT")]
    [InlineData("POST", "/openapi/v1.json", "GET, HEAD")]
    [InlineData("POST", "/.well-known/jwks.json", "GET, HEAD")]
    [InlineData("POST", "/alive", "GET, HEAD")]
    [InlineData("GET", "/api/auth/logout", "POST")]
    [InlineData("HEAD", "/api/auth/logout", "POST")]
    public async Task A_refused_method_is_told_of_it_where_GET_would_do(string method, string path, string allowed)
    {
        using var user = await fixture.RegisterAsync();
        var answer = (await user.Api.SendAsync(new HttpMethod(method), path)).Expect(405);
        Assert.Equal(allowed, string.Join(", ", answer.ContentHeaders.Allow.Order()));
    }

    [Fact]
    public async Task One_connection_serves_others_after_it()
    {
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        using var handler = new SocketsHttpHandler { MaxConnectionsPerServer = 1 };
        using var http = new HttpClient(handler) { BaseAddress = fixture.System.ApiUrl, DefaultRequestHeaders = { Authorization = owner.Api.DefaultRequestHeaders.Authorization } };
        for (var number = 0; number < 3; number++)
        {
            (await http.SendAsync(HttpMethod.Head, $"/api/workspaces/{workspace}/snapshot")).Expect(200);
            (await http.GetJsonAsync($"/api/workspaces/{workspace}")).Expect(200);
            (await http.PatchJsonAsync($"/api/workspaces/{workspace}", new { name = $"Round {number}" })).Expect(200);
        }
    }
}
