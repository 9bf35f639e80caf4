using TaskFlow.Testing;

namespace TaskFlow.Api.Tests.Workspaces;

public sealed class InvitationTests(ApiFixture fixture)
{
    [Fact]
    public async Task A_link_lets_one_person_in_with_its_role()
    {
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        var link = (await owner.Api.PostJsonAsync($"/api/workspaces/{workspace}/invitations", new { role = "guest" })).Expect(201);
        Assert.EndsWith(link.Json.Text("token"), link.Json.Text("url"));
        using var guest = await fixture.RegisterAsync();
        using var late = await fixture.RegisterAsync();

        var joined = (await AcceptAsync(guest, link)).Expect(200);
        Assert.Equal((workspace, "guest"), (joined.Json.Id(), joined.Json.Text("role")));
        Assert.Equal("gone", (await AcceptAsync(late, link)).Expect(410).Code);
        Assert.Equal("gone", (await AcceptAsync(guest, link)).Expect(410).Code);
        (await late.Api.GetJsonAsync($"/api/workspaces/{workspace}")).Expect(404);
    }

    [Fact]
    public async Task Of_simultaneous_acceptances_one_wins()
    {
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        var link = (await owner.Api.PostJsonAsync($"/api/workspaces/{workspace}/invitations", new { role = "member" })).Expect(201);
        var users = await Task.WhenAll(Enumerable.Range(0, 5).Select(number => fixture.RegisterAsync($"User {number}")));
        var answers = await Task.WhenAll(users.Select(user => AcceptAsync(user, link)));
        Assert.Equal([200, 410, 410, 410, 410], answers.Select(answer => answer.Status).Order());
        Assert.Equal(2, (await owner.Api.GetJsonAsync($"/api/workspaces/{workspace}/members")).Expect(200).Json["data"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_member_keeps_the_link_for_somebody_else()
    {
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        using var member = await fixture.AddMemberAsync(owner, workspace, "member");
        using var guest = await fixture.RegisterAsync();
        var link = (await owner.Api.PostJsonAsync($"/api/workspaces/{workspace}/invitations", new { role = "admin" })).Expect(201);
        Assert.Equal("conflict", (await AcceptAsync(member, link)).Expect(409).Code);
        (await AcceptAsync(guest, link)).Expect(200);
    }

    [Fact]
    public async Task Revoked_and_expired_links_are_gone_and_unknown_ones_not_found()
    {
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        using var user = await fixture.RegisterAsync();
        var revoked = (await owner.Api.PostJsonAsync($"/api/workspaces/{workspace}/invitations", new { role = "member" })).Expect(201);
        (await owner.Api.DeleteJsonAsync($"/api/workspaces/{workspace}/invitations/{revoked.Json.Id()}")).Expect(204);
        (await owner.Api.DeleteJsonAsync($"/api/workspaces/{workspace}/invitations/{revoked.Json.Id()}")).Expect(404);
        (await AcceptAsync(user, revoked)).Expect(410);

        var expired = (await owner.Api.PostJsonAsync($"/api/workspaces/{workspace}/invitations", new { role = "member" })).Expect(201);
        await using (var age = fixture.Database.CreateCommand("update invitations set expires_at = now() - interval '1 second' where id = $1"))
        {
            age.Parameters.Add(new() { Value = expired.Json.Id() });
            await age.ExecuteNonQueryAsync();
        }
        (await AcceptAsync(user, expired)).Expect(410);
        (await user.Api.PostJsonAsync("/api/invitations/nonsense/accept", null)).Expect(404);
        (await user.Api.PostJsonAsync("/api/invitations/%00/accept", null)).Refused();
    }

    [Fact]
    public async Task The_list_holds_open_links_without_their_secrets()
    {
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        var path = $"/api/workspaces/{workspace}/invitations";
        var open = (await owner.Api.PostJsonAsync(path, new { role = "member" })).Expect(201);
        var used = (await owner.Api.PostJsonAsync(path, new { role = "member" })).Expect(201);
        using var user = await fixture.RegisterAsync();
        (await AcceptAsync(user, used)).Expect(200);

        var list = (await owner.Api.GetJsonAsync(path)).Expect(200);
        Assert.Equal([open.Json.Id()], list.Json["data"]!.AsArray().Select(item => item.Id()));
        Assert.DoesNotContain(open.Json.Text("token"), list.Body);
    }

    [Fact]
    public async Task Nobody_invites_above_their_own_role_and_links_die_with_the_right_to_make_them()
    {
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        using var admin = await fixture.AddMemberAsync(owner, workspace, "admin");
        var path = $"/api/workspaces/{workspace}/invitations";
        (await admin.Api.PostJsonAsync(path, new { role = "owner" })).Expect(403);
        (await admin.Api.PostJsonAsync(path, new { role = "" })).Expect(400);
        var link = (await admin.Api.PostJsonAsync(path, new { role = "admin" })).Expect(201);

        (await owner.Api.DeleteJsonAsync($"/api/workspaces/{workspace}/members/{admin.Id}")).Expect(204);
        (await AcceptAsync(admin, link)).Expect(410);
    }

    [Fact]
    public async Task Whoever_is_demoted_keeps_the_links_that_their_new_role_could_make()
    {
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        using var second = await fixture.AddMemberAsync(owner, workspace, "owner");
        var path = $"/api/workspaces/{workspace}/invitations";
        var links = new Dictionary<string, ApiResponse>();
        foreach (var role in new[] { "owner", "admin", "member" }) links[role] = (await second.Api.PostJsonAsync(path, new { role })).Expect(201);
        var others = (await owner.Api.PostJsonAsync(path, new { role = "owner" })).Expect(201);

        (await owner.Api.PatchJsonAsync($"/api/workspaces/{workspace}/members/{second.Id}", new { role = "admin" })).Expect(200);
        using var friend = await fixture.RegisterAsync();
        Assert.Equal("gone", (await AcceptAsync(friend, links["owner"])).Expect(410).Code);
        (await AcceptAsync(friend, links["member"])).Expect(200);
        using var another = await fixture.RegisterAsync();
        (await AcceptAsync(another, links["admin"])).Expect(200);
        using var third = await fixture.RegisterAsync();
        (await AcceptAsync(third, others)).Expect(200);

        var last = (await second.Api.PostJsonAsync(path, new { role = "member" })).Expect(201);
        (await owner.Api.PatchJsonAsync($"/api/workspaces/{workspace}/members/{second.Id}", new { role = "member" })).Expect(200);
        using var late = await fixture.RegisterAsync();
        (await AcceptAsync(late, last)).Expect(410);
    }

    [Fact]
    public async Task A_repeated_request_gives_the_same_link_though_its_secret_is_not_stored_in_clear()
    {
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        var path = $"/api/workspaces/{workspace}/invitations";
        var first = (await owner.Api.PostJsonAsync(path, new { role = "guest" }, ("Idempotency-Key", "invite"))).Expect(201);
        var again = (await owner.Api.PostJsonAsync(path, new { role = "guest" }, ("Idempotency-Key", "invite"))).Expect(201);
        Assert.Equal(first.Body, again.Body);

        await using var command = fixture.Database.CreateCommand("select body from idempotency_keys where user_id = $1 and key = 'invite'");
        command.Parameters.Add(new() { Value = owner.Id });
        Assert.DoesNotContain(first.Json.Text("token"), System.Text.Encoding.Latin1.GetString((byte[])(await command.ExecuteScalarAsync())!));
    }

    private static Task<ApiResponse> AcceptAsync(TestUser user, ApiResponse link) => user.Api.PostJsonAsync($"/api/invitations/{link.Json.Text("token")}/accept", null);
}
