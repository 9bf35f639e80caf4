using System.Text.Json.Nodes;
using TaskFlow.Testing;

namespace TaskFlow.Api.Tests.Workspaces;

public sealed class MemberTests(ApiFixture fixture)
{
    [Fact]
    public async Task Adding_by_address_answers_the_member_and_makes_an_event()
    {
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        using var user = await fixture.RegisterAsync("Grace Example");
        var added = (await owner.Api.PostJsonAsync($"/api/workspaces/{workspace}/members", new { email = user.Email.ToUpperInvariant(), role = "member" })).Expect(201);
        Assert.Equal((user.Id, "Grace Example", user.Email, "member"),
            (added.Json.Id("userId"), added.Json.Text("name"), added.Json.Text("email"), added.Json.Text("role")));

        var last = (await EventsAsync(owner, workspace)).Last();
        Assert.Equal(("member.added", user.Id, owner.Id), (last.Text("type"), last.Id("memberId"), last.Id("userId")));
        Assert.True(JsonNode.DeepEquals(added.Json, last!["payload"]), last.ToJsonString());
    }

    [Fact]
    public async Task An_unknown_address_or_role_is_refused_by_field_and_a_member_by_conflict()
    {
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        var path = $"/api/workspaces/{workspace}/members";
        Assert.Equal(["email"], Fields((await owner.Api.PostJsonAsync(path, new { email = "nobody@example.org", role = "member" })).Expect(400)));
        Assert.Equal(["role"], Fields((await owner.Api.PostJsonAsync(path, new { email = owner.Email, role = "king" })).Expect(400)));
        Assert.Equal(["email", "role"], Fields((await owner.Api.PostJsonAsync(path, new { })).Expect(400)));
        Assert.Equal("conflict", (await owner.Api.PostJsonAsync(path, new { email = owner.Email, role = "member" })).Expect(409).Code);
    }

    [Fact]
    public async Task A_changed_role_is_an_event_and_the_same_role_is_none()
    {
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        using var member = await fixture.AddMemberAsync(owner, workspace, "member");
        var changed = (await owner.Api.PatchJsonAsync($"/api/workspaces/{workspace}/members/{member.Id}", new { role = "admin" })).Expect(200);
        Assert.Equal("admin", changed.Json.Text("role"));
        (await owner.Api.PatchJsonAsync($"/api/workspaces/{workspace}/members/{member.Id}", new { role = "admin" })).Expect(200);

        var events = await EventsAsync(owner, workspace);
        Assert.Equal(3, events.Count);
        Assert.Equal(("member.updated", """{"role":"admin"}"""), (events[2].Text("type"), events[2]!["payload"]!.ToJsonString()));
        Assert.Equal("admin", (await member.Api.GetJsonAsync($"/api/workspaces/{workspace}")).Expect(200).Json.Text("role"));
    }

    [Fact]
    public async Task Admins_manage_members_up_to_admin_and_leave_owners_alone()
    {
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        using var admin = await fixture.AddMemberAsync(owner, workspace, "admin");
        using var member = await fixture.AddMemberAsync(owner, workspace, "member");
        using var stranger = await fixture.RegisterAsync();
        var members = $"/api/workspaces/{workspace}/members";

        (await admin.Api.PatchJsonAsync($"{members}/{member.Id}", new { role = "admin" })).Expect(200);
        (await admin.Api.PatchJsonAsync($"{members}/{member.Id}", new { role = "owner" })).Expect(403);
        (await admin.Api.PatchJsonAsync($"{members}/{admin.Id}", new { role = "owner" })).Expect(403);
        (await admin.Api.PatchJsonAsync($"{members}/{owner.Id}", new { role = "member" })).Expect(403);
        (await admin.Api.PatchJsonAsync($"{members}/{owner.Id}", new { role = "owner" })).Expect(403);
        (await admin.Api.DeleteJsonAsync($"{members}/{owner.Id}")).Expect(403);
        (await admin.Api.PostJsonAsync(members, new { email = stranger.Email, role = "owner" })).Expect(403);
        (await admin.Api.PostJsonAsync(members, new { email = stranger.Email, role = "admin" })).Expect(201);
        (await admin.Api.DeleteJsonAsync($"{members}/{member.Id}")).Expect(204);
    }

    [Fact]
    public async Task The_last_owner_can_neither_leave_nor_be_demoted()
    {
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        using var second = await fixture.AddMemberAsync(owner, workspace, "admin");
        var members = $"/api/workspaces/{workspace}/members";
        Assert.Equal("conflict", (await owner.Api.DeleteJsonAsync($"{members}/{owner.Id}")).Expect(409).Code);
        Assert.Equal("conflict", (await owner.Api.PatchJsonAsync($"{members}/{owner.Id}", new { role = "admin" })).Expect(409).Code);
        (await owner.Api.PatchJsonAsync($"{members}/{owner.Id}", new { role = "owner" })).Expect(200);

        (await owner.Api.PatchJsonAsync($"{members}/{second.Id}", new { role = "owner" })).Expect(200);
        (await owner.Api.DeleteJsonAsync($"{members}/{owner.Id}")).Expect(204);
        (await second.Api.PatchJsonAsync($"{members}/{second.Id}", new { role = "guest" })).Expect(409);
    }

    [Fact]
    public async Task Of_two_owners_who_leave_at_the_same_moment_one_must_stay()
    {
        for (var round = 0; round < 5; round++)
        {
            var (first, workspace) = await fixture.CreateWorkspaceAsync();
            using var second = await fixture.AddMemberAsync(first, workspace, "owner");
            var answers = await Task.WhenAll(new[] { first, second }.Select(owner => owner.Api.DeleteJsonAsync($"/api/workspaces/{workspace}/members/{owner.Id}")));
            Assert.Equal([204, 409], answers.Select(answer => answer.Status).Order());
        }
    }

    [Fact]
    public async Task Anybody_may_leave_and_is_out_at_once()
    {
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        foreach (var role in new[] { "admin", "member", "guest" })
        {
            using var user = await fixture.AddMemberAsync(owner, workspace, role);
            (await user.Api.GetJsonAsync($"/api/workspaces/{workspace}")).Expect(200);
            (await user.Api.DeleteJsonAsync($"/api/workspaces/{workspace}/members/{user.Id}")).Expect(204);
            (await user.Api.GetJsonAsync($"/api/workspaces/{workspace}")).Expect(404);
        }
        Assert.Equal(["member.added", "member.removed"], (await EventsAsync(owner, workspace)).Skip(5).Select(item => item.Text("type")));
    }

    [Fact]
    public async Task A_removed_member_is_out_on_every_instance_and_may_come_back()
    {
        var other = await fixture.SecondInstanceAsync();
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        using var member = await fixture.AddMemberAsync(owner, workspace, "member");
        using var there = other.CreateClient(member.AccessToken);
        for (var round = 0; round < 3; round++)
        {
            (await there.GetJsonAsync($"/api/workspaces/{workspace}")).Expect(200);
            (await owner.Api.DeleteJsonAsync($"/api/workspaces/{workspace}/members/{member.Id}")).Expect(204);
            (await there.GetJsonAsync($"/api/workspaces/{workspace}")).Expect(404);
            await owner.AddMemberAsync(workspace, member);
        }
    }

    [Fact]
    public async Task A_removed_or_demoted_member_changes_nothing_more_on_any_instance()
    {
        var other = await fixture.SecondInstanceAsync();
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        var project = await owner.CreateProjectAsync(workspace);
        var task = $"/api/workspaces/{workspace}/tasks/{(await owner.CreateTaskAsync(workspace, project)).Id()}";
        using var member = await fixture.AddMemberAsync(owner, workspace, "member");
        using var there = other.CreateClient(member.AccessToken);
        for (var round = 0; round < 3; round++)
        {
            (await there.PatchJsonAsync(task, new { title = $"Round {round}" })).Expect(200);
            (await owner.Api.PatchJsonAsync($"/api/workspaces/{workspace}/members/{member.Id}", new { role = "guest" })).Expect(200);
            (await there.PatchJsonAsync(task, new { title = "As a guest" })).Expect(403);
            (await there.PostJsonAsync(task + "/comments", new { body = "As a guest" })).Expect(403);
            (await owner.Api.DeleteJsonAsync($"/api/workspaces/{workspace}/members/{member.Id}")).Expect(204);
            (await there.PatchJsonAsync(task, new { title = "As a stranger" })).Expect(404);
            await owner.AddMemberAsync(workspace, member);
        }
    }

    [Fact]
    public async Task Whoever_leaves_or_becomes_a_guest_gives_their_tasks_back()
    {
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        using var member = await fixture.AddMemberAsync(owner, workspace, "member");
        var project = await owner.CreateProjectAsync(workspace);
        var task = (await owner.CreateTaskAsync(workspace, project)).Id();
        await owner.PatchTaskAsync(workspace, task, new { assigneeId = member.Id });

        (await owner.Api.PatchJsonAsync($"/api/workspaces/{workspace}/members/{member.Id}", new { role = "guest" })).Expect(200);
        var released = (await owner.Api.GetJsonAsync($"/api/workspaces/{workspace}/tasks/{task}")).Expect(200).Json;
        Assert.Null(released["assigneeId"]);
        Assert.Equal(["task.updated", "member.updated"], (await EventsAsync(owner, workspace)).TakeLast(2).Select(item => item.Text("type")));
        (await owner.Api.PatchJsonAsync($"/api/workspaces/{workspace}/tasks/{task}", new { assigneeId = member.Id })).Expect(400);
    }

    [Fact]
    public async Task A_member_who_is_not_there_is_not_found()
    {
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        using var stranger = await fixture.RegisterAsync();
        foreach (var id in new[] { Guid.NewGuid().ToString(), stranger.Id.ToString(), "nonsense" })
        {
            (await owner.Api.PatchJsonAsync($"/api/workspaces/{workspace}/members/{id}", new { role = "guest" })).Expect(404);
            (await owner.Api.DeleteJsonAsync($"/api/workspaces/{workspace}/members/{id}")).Expect(404);
        }
    }

    private static IEnumerable<string> Fields(ApiResponse answer) => answer.Json["errors"]!.AsObject().Select(error => error.Key).Order();

    private static async Task<JsonArray> EventsAsync(TestUser user, Guid workspace) =>
        (await user.Api.GetJsonAsync($"/api/workspaces/{workspace}/events?after=0")).Expect(200).Json["events"]!.AsArray();
}
