using System.Text.Json.Nodes;
using TaskFlow.Testing;

namespace TaskFlow.Api.Tests.Workspaces;

public sealed class WorkspaceTests(ApiFixture fixture)
{
    [Fact]
    public async Task The_creator_owns_it_and_their_membership_is_event_1()
    {
        using var user = await fixture.RegisterAsync();
        var created = (await user.Api.PostJsonAsync("/api/workspaces", new { name = "  Orbit  " })).Expect(201);
        Assert.Equal(("Orbit", "owner", 1L), (created.Json.Text("name"), created.Json.Text("role"), created.Json.Number("head")));
        Assert.EndsWith(created.Json.Text("id"), created.Headers.Location!.ToString());

        var single = Assert.Single(await EventsAsync(user, created.Json.Id()));
        Assert.Equal("member.added", single.Text("type"));
        Assert.Equal(user.Id, single.Id("memberId"));
        Assert.Equal("owner", single!["payload"].Text("role"));
        Assert.Equal(user.Email, single["payload"].Text("email"));
    }

    [Fact]
    public async Task A_new_name_is_an_event_and_the_same_name_is_none()
    {
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        var renamed = (await owner.Api.PatchJsonAsync($"/api/workspaces/{workspace}", new { name = "Comet", id = Guid.Empty }, ("Idempotency-Key", "rename-1"))).Expect(200);
        Assert.Equal(("Comet", 2L), (renamed.Json.Text("name"), renamed.Json.Number("head")));
        (await owner.Api.PatchJsonAsync($"/api/workspaces/{workspace}", new { name = "Comet" })).Expect(200);
        (await owner.Api.PatchJsonAsync($"/api/workspaces/{workspace}", new { })).Expect(200);

        var events = await EventsAsync(owner, workspace);
        Assert.Equal(2, events.Count);
        Assert.Equal("""{"name":"Comet"}""", events[1]!["payload"]!.ToJsonString());
        Assert.Equal(("workspace.updated", "rename-1"), (events[1].Text("type"), events[1].Text("mutationId")));
    }

    [Theory]
    [InlineData("""{"name":null}""")]
    [InlineData("""{"name":""}""")]
    [InlineData("""{"name":" "}""")]
    [InlineData("""{"name":7}""")]
    [InlineData("""{"name":{}}""")]
    [InlineData("""{"name":"a\u0000b"}""")]
    [InlineData("""{"name":"\udc00"}""")]
    public async Task A_bad_name_is_refused_by_field(string body)
    {
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        foreach (var answer in new[] { await owner.Api.PatchJsonAsync($"/api/workspaces/{workspace}", body), await owner.Api.PostJsonAsync("/api/workspaces", body) })
        {
            Assert.Equal("validation_failed", answer.Expect(400).Code);
            Assert.Equal(["name"], answer.Json["errors"]!.AsObject().Select(error => error.Key));
        }
    }

    [Fact]
    public async Task Names_may_be_long_and_in_any_script()
    {
        using var user = await fixture.RegisterAsync();
        var name = string.Concat(Enumerable.Repeat("🚀", 99)) + "\u202E"; // 100 characters, each of two UTF-16 units but the last
        var created = (await user.Api.PostJsonAsync("/api/workspaces", new { name })).Expect(201);
        Assert.Equal(name, (await user.Api.GetJsonAsync($"/api/workspaces/{created.Json.Id()}")).Expect(200).Json.Text("name"));
        (await user.Api.PostJsonAsync("/api/workspaces", new { name = name + "x" })).Expect(400);
    }

    [Fact]
    public async Task The_list_holds_ones_own_oldest_first()
    {
        using var user = await fixture.RegisterAsync();
        var (owner, shared) = await fixture.CreateWorkspaceAsync();
        var ids = new List<Guid>();
        for (var number = 0; number < 3; number++) ids.Add(await user.CreateWorkspaceAsync($"W{number}"));
        await owner.AddMemberAsync(shared, user, "guest");

        var list = (await user.Api.GetJsonAsync("/api/workspaces")).Expect(200).Json;
        Assert.Equal([shared, .. ids], list["data"]!.AsArray().Select(item => item.Id()));
        Assert.Equal("guest", list["data"]![0].Text("role"));
        Assert.Null(list["nextCursor"]);
    }

    [Fact]
    public async Task Deleting_leaves_nothing()
    {
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        using var member = await fixture.AddMemberAsync(owner, workspace, "member");
        var project = await owner.CreateProjectAsync(workspace);
        var task = (await owner.CreateTaskAsync(workspace, project)).Id();
        (await member.Api.GetJsonAsync($"/api/workspaces/{workspace}")).Expect(200);

        (await owner.Api.DeleteJsonAsync($"/api/workspaces/{workspace}")).Expect(204);
        foreach (var user in new[] { owner, member })
        {
            (await user.Api.GetJsonAsync($"/api/workspaces/{workspace}")).Expect(404);
            (await user.Api.GetJsonAsync($"/api/workspaces/{workspace}/tasks/{task}")).Expect(404);
            Assert.Empty((await user.Api.GetJsonAsync("/api/workspaces")).Expect(200).Json["data"]!.AsArray());
        }
        (await owner.Api.DeleteJsonAsync($"/api/workspaces/{workspace}")).Expect(404);
    }

    [Fact]
    public async Task A_realtime_token_names_the_workspace_and_where_to_connect()
    {
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        var answer = (await owner.Api.PostJsonAsync($"/api/workspaces/{workspace}/realtime-token", null)).Expect(200);
        Assert.Equal(60, answer.Json.Number("expiresIn"));
        var url = new Uri(answer.Json.Text("url"));
        Assert.Equal(("ws", fixture.System.PushUrl.Port, $"/realtime/{workspace}/ws"), (url.Scheme, url.Port, url.AbsolutePath));
        var claims = Auth.Forgery.Part(answer.Json.Text("token"), 1);
        Assert.Equal(("taskflow-realtime", workspace, owner.Id),
            (claims.GetProperty("aud").GetString(), claims.GetProperty("ws").GetGuid(), claims.GetProperty("sub").GetGuid()));
        Assert.Equal(60, claims.GetProperty("exp").GetInt64() - claims.GetProperty("iat").GetInt64());
    }

    private static async Task<JsonArray> EventsAsync(TestUser user, Guid workspace) =>
        (await user.Api.GetJsonAsync($"/api/workspaces/{workspace}/events?after=0")).Expect(200).Json["events"]!.AsArray();
}
