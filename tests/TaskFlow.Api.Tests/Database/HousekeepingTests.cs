using TaskFlow.Testing;

namespace TaskFlow.Api.Tests.Database;

/// <summary>What has had its time goes. Time is made by moving rows into the past.</summary>
public sealed class HousekeepingTests(ApiFixture fixture)
{
    [Fact]
    public async Task Notifications_go_after_a_year_and_earlier_when_they_were_read()
    {
        await using var database = await OwnDatabase.CreateAsync(fixture);
        await using var instance = await ApiInstance.StartAsync(fixture, new Dictionary<string, string>
        {
            ["ConnectionStrings:taskflow"] = database.ConnectionString,
            ["Housekeeping:IntervalSeconds"] = "1",
        });
        using var ann = await TestUser.RegisterAsync(instance.CreateClient(), "Ann Archer");
        using var bob = await TestUser.RegisterAsync(instance.CreateClient(), "Bob Baker");
        var workspace = await ann.CreateWorkspaceAsync();
        await ann.AddMemberAsync(workspace, bob);
        var path = $"/api/workspaces/{workspace}/projects/{await ann.CreateProjectAsync(workspace)}/tasks";
        (int Days, bool IsRead, bool IsKept)[] cases =
            [(0, false, true), (0, true, true), (80, true, true), (100, true, false), (100, false, true), (360, false, true), (370, false, false), (370, true, false)];
        foreach (var _ in cases) (await ann.Api.PostJsonAsync(path, new { title = "T", assigneeId = bob.Id })).Expect(201);
        var told = await NotificationsAsync();
        Assert.Equal(cases.Length, told.Count);

        var kept = new List<Guid>();
        foreach (var ((days, isRead, isKept), id) in cases.Zip(told))
        {
            var at = DateTimeOffset.UtcNow.AddDays(-days);
            var aged = Guid.CreateVersion7(at);
            await database.ExecuteAsync($"update notifications set id = '{aged}', created_at = '{at:O}', is_read = {isRead} where id = '{id}'");
            if (isKept) kept.Add(aged);
        }

        await Deadline.UntilAsync("the old ones are gone", async () => (await NotificationsAsync()).Count <= kept.Count);
        Assert.Equal(kept.Order(), (await NotificationsAsync()).Order());

        async Task<IReadOnlyList<Guid>> NotificationsAsync() =>
            [.. (await bob.Api.GetJsonAsync("/api/notifications?limit=100")).Expect(200).Json["data"]!.AsArray().Select(item => item.Id())];
    }
}
