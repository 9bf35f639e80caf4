using TaskFlow.Testing;

namespace TaskFlow.Api.Tests.Internal;

/// <summary>What Push calls, on an instance whose service key the tests know and whose limit is low.</summary>
public sealed class ServiceRouteTests(ApiFixture fixture, ServiceRouteTests.Instance instance) : IClassFixture<ServiceRouteTests.Instance>
{
    private const string Heads = "/internal/heads";
    private static readonly (string, string) Key = ("X-Service-Key", "the-key-of-push");
    private static readonly (string, string) Previous = ("X-Service-Key", "the-key-before");

    [Fact]
    public async Task With_the_key_nothing_is_counted_and_without_it_everything()
    {
        using var http = instance.Api.CreateClient();
        var body = new { workspaces = Array.Empty<Guid>(), sessions = Array.Empty<Guid>() };
        for (var number = 0; number < 25; number++)
        {
            Assert.False((await http.PostJsonAsync(Heads, body, Key)).Expect(200).Headers.Contains("RateLimit"));
            (await http.PostJsonAsync(Heads, body, Previous)).Expect(200);
        }

        var refused = new List<int>();
        for (var number = 0; number < 25; number++) refused.Add((await http.PostJsonAsync(Heads, body, number % 2 == 0 ? ("X-Service-Key", "wrong") : ("X-Other", "none"))).Status);
        Assert.Equal(401, refused[0]);
        // A slow machine may see the window move on, which gives a little back.
        Assert.InRange(refused.Count(status => status == 401), 10, 15);
        Assert.Equal(25, refused.Count(status => status is 401 or 429));
        (await http.PostJsonAsync(Heads, body, Key)).Expect(200);
    }

    [Fact]
    public async Task A_strangers_body_is_not_read()
    {
        using var http = fixture.Anonymous();
        Assert.Equal("unauthorized", (await http.PostJsonAsync(Heads, "this is no JSON")).Expect(401).Code);
        (await http.PostJsonAsync(Heads, "this is no JSON", ("X-Service-Key", "wrong"))).Expect(401);
    }

    [Fact]
    public async Task The_heads_of_20000_ids_are_told_at_once_and_more_are_refused()
    {
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        using var http = instance.Api.CreateClient();
        Guid[] ids = [workspace, .. Enumerable.Range(1, 19_999).Select(_ => Guid.CreateVersion7())];

        var half = (await http.PostJsonAsync(Heads, new { workspaces = ids[..10_000], sessions = ids[10_000..] }, Key)).Expect(200).Json;
        Assert.Equal((await owner.HeadAsync(workspace), 1), (half["heads"].Number(workspace.ToString()), half["heads"]!.AsObject().Count));
        Assert.Equal(10_000, half["revoked"]!.AsArray().Count);
        // Sessions may be left out.
        Assert.Empty((await http.PostJsonAsync(Heads, new { workspaces = ids }, Key)).Expect(200).Json["revoked"]!.AsArray());

        var over = (await http.PostJsonAsync(Heads, new { workspaces = ids, sessions = ids[..1] }, Key)).Expect(400);
        Assert.Equal("validation_failed", over.Code);
        Assert.Contains("20000", over.Json["errors"]!["body"]![0]!.ToString());
    }

    [Theory]
    [InlineData("""{"workspaces":null}""", "workspaces")]
    [InlineData("""{"workspaces":null,"sessions":null}""", "workspaces")]
    [InlineData("""{"workspaces":[],"workspaces":null}""", "workspaces")]
    [InlineData("""{"workspaces":[null]}""", "workspaces")]
    [InlineData("""{"workspaces":{}}""", "workspaces")]
    [InlineData("""{"workspaces":[],"sessions":[null]}""", "sessions")]
    [InlineData("{}", "body")]
    [InlineData("null", "body")]
    public async Task A_question_that_names_no_workspaces_is_refused(string body, string field)
    {
        using var http = instance.Api.CreateClient();
        var refused = (await http.PostJsonAsync(Heads, body, Key)).Expect(400);
        Assert.Equal("validation_failed", refused.Code);
        Assert.NotNull(refused.Json["errors"]![field]);
    }

    /// <summary>Ten requests a minute, and two service keys.</summary>
    public sealed class Instance(ApiFixture fixture) : IAsyncLifetime
    {
        public ApiInstance Api { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Api = await ApiInstance.StartAsync(fixture, new Dictionary<string, string>
        {
            ["RateLimits:General"] = "10",
            ["ServiceKey"] = Key.Item2,
            ["ServiceKeyPrevious"] = Previous.Item2,
            // A count of its own: other tests count in the system's Redis for the same address.
            ["ConnectionStrings:redis"] = "127.0.0.1:1",
        });

        public async ValueTask DisposeAsync()
        {
            if (Api is not null) await Api.DisposeAsync();
        }
    }
}
