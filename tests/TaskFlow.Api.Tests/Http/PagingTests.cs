using TaskFlow.Testing;

namespace TaskFlow.Api.Tests.Http;

public sealed class PagingTests(ApiFixture fixture)
{
    [Fact]
    public async Task Pages_hold_every_row_once_while_rows_come_and_go()
    {
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        var users = new List<TestUser>();
        for (var number = 0; number < 6; number++) users.Add(await fixture.AddMemberAsync(owner, workspace, "guest", $"User {number}"));

        var seen = new List<Guid>();
        string? cursor = null;
        do
        {
            var page = (await owner.Api.GetJsonAsync($"/api/workspaces/{workspace}/members?limit=2{(cursor is null ? "" : $"&cursor={cursor}")}")).Expect(200).Json;
            seen.AddRange(page["data"]!.AsArray().Select(member => member.Id("userId")));
            cursor = (string?)page["nextCursor"];
            if (seen.Count == 2)
            {
                // Somebody already seen leaves, somebody new comes: neither moves the rest.
                (await owner.Api.DeleteJsonAsync($"/api/workspaces/{workspace}/members/{users[0].Id}")).Expect(204);
                users.Add(await fixture.AddMemberAsync(owner, workspace, "guest", "Late"));
            }
        }
        while (cursor is not null);
        Assert.Equal([owner.Id, .. users.Select(user => user.Id)], seen);
        foreach (var user in users) user.Dispose();
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=201", "limit")]
    [InlineData("limit=-1", "limit")]
    [InlineData("limit=1.5", "limit")]
    [InlineData("limit=ten", "limit")]
    [InlineData("limit=", "limit")]
    [InlineData("limit=99999999999999999999", "limit")]
    [InlineData("cursor=nonsense", "cursor")]
    [InlineData("cursor=", "cursor")]
    [InlineData("cursor=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "cursor")]
    [InlineData("cursor=AX__________AAAAAAAAAAAAAAAAAAAAAA", "cursor")]
    [InlineData("cursor=%00", "cursor")]
    public async Task Bad_values_are_refused_by_field(string query, string field)
    {
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        foreach (var path in new[] { "/api/workspaces", $"/api/workspaces/{workspace}/members", $"/api/workspaces/{workspace}/invitations", $"/api/workspaces/{workspace}/projects", $"/api/workspaces/{workspace}/tasks", "/api/notifications" })
        {
            var answer = (await owner.Api.GetJsonAsync($"{path}?{query}")).Expect(400);
            Assert.Equal([field], answer.Json["errors"]!.AsObject().Select(error => error.Key));
        }
    }

    [Fact]
    public async Task Limits_from_1_to_200_are_served()
    {
        using var user = await fixture.RegisterAsync();
        foreach (var limit in new[] { 1, 50, 200 }) (await user.Api.GetJsonAsync($"/api/workspaces?limit={limit}")).Expect(200);
    }
}
