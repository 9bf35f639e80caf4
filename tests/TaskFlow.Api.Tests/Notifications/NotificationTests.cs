using System.Text.Json.Nodes;
using TaskFlow.Api.Tests.Tasks;
using TaskFlow.Testing;

namespace TaskFlow.Api.Tests.Notifications;

public sealed class NotificationTests(ApiFixture fixture)
{
    [Fact]
    public async Task Assignment_by_somebody_else_is_told_once_and_not_to_oneself()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        var task = await scene.CreateTaskAsync(new { title = "T", assigneeId = scene.Bob.Id });
        await scene.CreateTaskAsync(new { title = "Own", assigneeId = scene.Ann.Id });
        (await scene.PatchAsync(scene.Bob, task, new { assigneeId = scene.Bob.Id })).Expect(200);
        (await scene.PatchAsync(scene.Bob, task, new { assigneeId = scene.Ann.Id })).Expect(200);

        Assert.Equal(["assigned"], await KindsAsync(scene.Bob));
        var told = Assert.Single(await TaskScene.NotificationsAsync(scene.Ann))!;
        Assert.Equal(("assigned", task.Id(), scene.Bob.Id), (told.Text("kind"), told.Id("taskId"), told["by"].Id()));
        Assert.Contains("WEB-1", told.Text("text"), StringComparison.Ordinal);
        Assert.False((bool)told["read"]!);
    }

    [Fact]
    public async Task Status_is_told_to_the_assignee_else_to_the_creator()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        using var carl = await fixture.AddMemberAsync(scene.Ann, scene.Workspace, "member", "Carl");
        var task = await scene.CreateTaskAsync();
        (await scene.PatchAsync(scene.Bob, task, new { status = "in_progress" })).Expect(200);
        (await scene.PatchAsync(scene.Ann, task, new { status = "todo" })).Expect(200);
        Assert.Equal(["status"], await KindsAsync(scene.Ann));

        (await scene.PatchAsync(scene.Ann, task, new { assigneeId = carl.Id })).Expect(200);
        (await scene.PatchAsync(scene.Bob, task, new { status = "done" })).Expect(200);
        (await scene.PatchAsync(scene.Bob, task, new { title = "Quiet" })).Expect(200);

        Assert.Equal(["status"], await KindsAsync(scene.Ann));
        Assert.Equal(["status", "assigned"], await KindsAsync(carl));
        Assert.Empty(await KindsAsync(scene.Bob));
    }

    [Theory]
    [InlineData("@Bob Baker", true)]
    [InlineData("hello @bob baker!", true)]
    [InlineData("(@BOB BAKER)", true)]
    [InlineData("@Bob Baker's idea", true)]
    [InlineData("@Bob Bakers", false)]
    [InlineData("@Bob", false)]
    [InlineData("Bob Baker", false)]
    [InlineData("x@Bob Baker", false)]
    [InlineData("@@Bob Baker", true)]
    [InlineData("@Bob Baker@example.org", false)]
    [InlineData("@Bob\u00a0Baker", false)]
    [InlineData("@Bob Baker_", false)]
    public async Task A_name_is_a_mention_in_any_case_up_to_a_words_end(string text, bool isNamed)
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        var task = await scene.CreateTaskAsync();
        (await scene.Ann.Api.PostJsonAsync(scene.TaskPath(task) + "/comments", new { body = text })).Expect(201);
        Assert.Equal(isNamed ? ["mention"] : [], await KindsAsync(scene.Bob));
    }

    [Fact]
    public async Task An_email_is_a_mention_up_to_its_end()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        var task = await scene.CreateTaskAsync();
        var path = scene.TaskPath(task) + "/comments";
        foreach (var text in (string[])[$"@{scene.Bob.Email}.au", $"@{scene.Bob.Email}x", scene.Bob.Email, $"@x{scene.Bob.Email}"])
        {
            (await scene.Ann.Api.PostJsonAsync(path, new { body = text })).Expect(201);
        }
        Assert.Empty(await KindsAsync(scene.Bob));
        (await scene.Ann.Api.PostJsonAsync(path, new { body = $"Ask @{scene.Bob.Email.ToUpperInvariant()}." })).Expect(201);
        Assert.Equal(["mention"], await KindsAsync(scene.Bob));
    }

    [Fact]
    public async Task The_longest_name_wins_and_namesakes_are_all_told_guests_too()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        using var lee = await fixture.AddMemberAsync(scene.Ann, scene.Workspace, "member", "Kim Lee");
        using var kim = await fixture.AddMemberAsync(scene.Ann, scene.Workspace, "member", "Kim");
        using var namesake = await fixture.AddMemberAsync(scene.Ann, scene.Workspace, "guest", "kim lee");
        using var outsider = await fixture.RegisterAsync("Kim Lee");
        var task = await scene.CreateTaskAsync();

        (await scene.Ann.Api.PostJsonAsync(scene.TaskPath(task) + "/comments", new { body = "@Kim Lee, please" })).Expect(201);

        Assert.Equal(["mention"], await KindsAsync(lee));
        Assert.Equal(["mention"], await KindsAsync(namesake));
        Assert.Empty(await KindsAsync(kim));
        Assert.Empty(await KindsAsync(outsider));
        (await scene.Ann.Api.PostJsonAsync(scene.TaskPath(task) + "/comments", new { body = "@Kim and @Kim Leeds" })).Expect(201);
        Assert.Equal(["mention"], await KindsAsync(kim));
    }

    [Fact]
    public async Task Editing_tells_only_those_newly_named()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        using var carl = await fixture.AddMemberAsync(scene.Ann, scene.Workspace, "member", "Carl");
        var task = await scene.CreateTaskAsync(new { title = "T", description = "for @Bob Baker and @Ann Archer" });
        (await scene.PatchAsync(scene.Ann, task, new { description = "for @Bob Baker and @Carl" })).Expect(200);
        var comment = (await scene.Ann.Api.PostJsonAsync(scene.TaskPath(task) + "/comments", new { body = "@carl" })).Expect(201).Json;
        (await scene.Ann.Api.PatchJsonAsync($"{scene.TaskPath(task)}/comments/{comment.Id()}", new { body = "@carl @bob baker" })).Expect(200);

        Assert.Equal(2, (await KindsAsync(scene.Bob)).Count);
        Assert.Equal(2, (await KindsAsync(carl)).Count);
        Assert.Empty(await KindsAsync(scene.Ann));
        Assert.Equal(comment.Id(), (await TaskScene.NotificationsAsync(scene.Bob))[0].Id("commentId"));
    }

    [Fact]
    public async Task More_people_than_one_event_can_carry_are_not_named_at_once()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        var task = await scene.CreateTaskAsync();
        await scene.AddNamesakesAsync("Sam Same", 200);
        var comments = scene.TaskPath(task) + "/comments";
        var comment = (await scene.Ann.Api.PostJsonAsync(comments, new { body = "@Sam Same" })).Expect(201).Json;
        var head = await scene.HeadAsync();

        await scene.AddNamesakesAsync("Tim Twin", 201);

        Assert.Contains("201", Refused("body", await scene.Ann.Api.PostJsonAsync(comments, new { body = "Hello @Tim Twin" })), StringComparison.Ordinal);
        Refused("body", await scene.Ann.Api.PatchJsonAsync($"{comments}/{comment.Id()}", new { body = "@Sam Same, @Tim Twin" }));
        Refused("description", await scene.PatchAsync(scene.Ann, task, new { description = "@Tim Twin" }));
        Refused("description", await scene.Ann.Api.PostJsonAsync(scene.ProjectTasksPath, new { title = "T", description = "@Tim Twin" }));
        Assert.Equal(head, await scene.HeadAsync());
        // Who was named before is not counted again.
        (await scene.Ann.Api.PatchJsonAsync($"{comments}/{comment.Id()}", new { body = "@Sam Same and @Bob Baker" })).Expect(200);

        static string Refused(string field, ApiResponse answer) => answer.Expect(400).Json["errors"]![field]![0]!.GetValue<string>();
    }

    [Fact]
    public async Task Preferences_switch_kinds_off_one_by_one()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        const string path = "/api/notifications/preferences";
        Assert.Equal("""{"mention":true,"assigned":true,"status":true,"overwritten":true}""", (await scene.Bob.Api.GetJsonAsync(path)).Expect(200).Body);
        (await scene.Bob.Api.SendAsync(HttpMethod.Put, path, new { mention = false, assigned = false, status = true, overwritten = true })).Expect(200);

        var task = await scene.CreateTaskAsync(new { title = "T", description = "@Bob Baker", assigneeId = scene.Bob.Id });
        (await scene.PatchAsync(scene.Ann, task, new { status = "done" })).Expect(200);

        Assert.Equal(["status"], await KindsAsync(scene.Bob));
        (await scene.Bob.Api.SendAsync(HttpMethod.Put, path, new { mention = "no" })).Expect(400);
        Assert.Equal("""{"mention":false,"assigned":false,"status":true,"overwritten":true}""", (await scene.Bob.Api.GetJsonAsync(path)).Expect(200).Body);
    }

    [Fact]
    public async Task Reading_some_or_all_and_counting_the_rest()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        for (var i = 0; i < 5; i++) await scene.CreateTaskAsync(new { title = $"T{i}", assigneeId = scene.Bob.Id });
        var page = (await scene.Bob.Api.GetJsonAsync("/api/notifications?limit=3")).Expect(200).Json;
        var rest = (await scene.Bob.Api.GetJsonAsync($"/api/notifications?limit=3&cursor={page["nextCursor"]}")).Expect(200).Json;
        var all = page["data"]!.AsArray().Concat(rest["data"]!.AsArray()).ToArray();
        Assert.Equal(5, all.Select(item => item.Id()).Distinct().Count());
        Assert.Equal(all.Select(item => item.Text("createdAt")).OrderDescending(StringComparer.Ordinal), all.Select(item => item.Text("createdAt")));
        Assert.Equal(5, page.Number("unreadCount"));

        // Others' notifications cannot be marked.
        (await scene.Ann.Api.PostJsonAsync("/api/notifications/read", new { ids = new[] { all[0].Id() } })).Expect(204);
        (await scene.Bob.Api.PostJsonAsync("/api/notifications/read", new { ids = new[] { all[1].Id(), Guid.NewGuid() } })).Expect(204);
        Assert.Equal(4, (await TaskScene.NotificationsAsync(scene.Bob, "?unread=true")).Count);
        Assert.Equal(5, (await TaskScene.NotificationsAsync(scene.Bob)).Count);
        (await scene.Bob.Api.PostJsonAsync("/api/notifications/read", new { all = true })).Expect(204);
        Assert.Empty(await TaskScene.NotificationsAsync(scene.Bob, "?unread=true"));
        (await scene.Bob.Api.PostJsonAsync("/api/notifications/read", new { })).Expect(400);
        (await scene.Bob.Api.PostJsonAsync("/api/notifications/read", new { ids = new[] { "x" } })).Expect(400);
        (await scene.Bob.Api.GetJsonAsync("/api/notifications?unread=maybe")).Expect(400);
    }

    [Fact]
    public async Task A_deleted_task_leaves_its_notifications_without_it_and_those_who_leave_lose_them()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        var task = await scene.CreateTaskAsync(new { title = "T", assigneeId = scene.Bob.Id });
        (await scene.Ann.Api.DeleteJsonAsync(scene.TaskPath(task))).Expect(204);
        var left = Assert.Single(await TaskScene.NotificationsAsync(scene.Bob))!.AsObject();
        Assert.True(left.TryGetPropertyValue("taskId", out var id) && id is null);

        (await scene.Ann.Api.DeleteJsonAsync($"{scene.WorkspacePath}/members/{scene.Bob.Id}")).Expect(204);
        Assert.Empty(await TaskScene.NotificationsAsync(scene.Bob));
    }

    [Fact]
    public async Task Notifications_never_reach_the_public_feed()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        await scene.CreateTaskAsync(new { title = "T", description = "@Bob Baker", assigneeId = scene.Bob.Id });
        Assert.All(await scene.EventsAsync(), change =>
        {
            Assert.False(change!.AsObject().ContainsKey("internals"));
            Assert.DoesNotContain("mentioned you", change.ToJsonString(), StringComparison.Ordinal);
        });
    }

    private static async Task<IReadOnlyList<string>> KindsAsync(TestUser user)
    {
        JsonArray notifications = await TaskScene.NotificationsAsync(user);
        return [.. notifications.Select(item => item.Text("kind"))];
    }
}
