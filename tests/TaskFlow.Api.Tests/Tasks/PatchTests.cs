using System.Text.Json.Nodes;
using TaskFlow.Testing;

namespace TaskFlow.Api.Tests.Tasks;

public sealed class PatchTests(ApiFixture fixture)
{
    [Fact]
    public async Task Every_accepted_change_raises_version_and_seq_by_one_and_carries_only_the_changed_fields()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        var task = await scene.CreateTaskAsync(new { title = "One", labels = new[] { "a" } });
        var head = await scene.HeadAsync();

        var answer = (await scene.PatchAsync(scene.Bob, task, new { title = "Two", status = "done", labels = new[] { "a" } }, ("Idempotency-Key", "change-1"))).Expect(200);

        Assert.Equal(2, answer.Json.Number("version"));
        Assert.Equal("\"2\"", answer.Headers.ETag?.Tag);
        var change = Assert.Single(await scene.EventsAsync(head))!;
        Assert.Equal(head + 1, change.Number("seq"));
        Assert.Equal("task.updated", change.Text("type"));
        Assert.Equal(2, change.Number("version"));
        Assert.Equal("""{"title":"Two","status":"done"}""", change["payload"]!.ToJsonString());
        Assert.Equal(answer.Json.Text("updatedAt"), change.Text("timestamp"));
        Assert.Equal((scene.Bob.Id, "Bob Baker", "change-1"), (change.Id("userId"), change.Text("userName"), change.Text("mutationId")));
        Assert.Equal((task.Id(), scene.Project), (change.Id("taskId"), change.Id("projectId")));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"title":"Same"}""")]
    [InlineData("""{"title":"  Same  ","status":"todo","priority":"none","assigneeId":null,"labels":["x"],"dueOn":null}""")]
    [InlineData("""{"id":"other","key":"X-1","number":9,"projectId":null,"createdBy":"?","updatedAt":5,"unknown":{"a":[1]}}""")]
    [InlineData("""{"title":"Same","version":1}""")]
    public async Task A_change_that_changes_nothing_is_no_event(string body)
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        var task = await scene.CreateTaskAsync(new { title = "Same", labels = new[] { "x" } });
        var head = await scene.HeadAsync();

        var answer = (await scene.PatchAsync(scene.Bob, task, body)).Expect(200);

        Assert.True(JsonNode.DeepEquals(task, answer.Json), answer.Body);
        Assert.Equal(head, await scene.HeadAsync());
    }

    [Fact]
    public async Task Changes_of_different_fields_merge_and_nobody_is_told()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        var task = await scene.CreateTaskAsync();
        (await scene.PatchAsync(scene.Bob, task, new { title = "By Bob", version = 1 })).Expect(200);
        (await scene.PatchAsync(scene.Ann, task, new { priority = "high", version = 1 })).Expect(200);

        var merged = await scene.TaskAsync(task);
        Assert.Equal(("By Bob", "high", 3L), (merged.Text("title"), merged.Text("priority"), merged.Number("version")));
        Assert.Empty(await TaskScene.NotificationsAsync(scene.Bob));
    }

    [Fact]
    public async Task On_the_same_field_the_last_write_wins_and_the_other_is_told_by_whom()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        var task = await scene.CreateTaskAsync();
        (await scene.PatchAsync(scene.Bob, task, new { title = "By Bob", priority = "low", version = 1 })).Expect(200);

        var answer = (await scene.PatchAsync(scene.Ann, task, new { title = "By Ann", priority = "high", version = 1 })).Expect(200);

        Assert.Equal("By Ann", answer.Json.Text("title"));
        var told = Assert.Single(await TaskScene.NotificationsAsync(scene.Bob))!;
        Assert.Equal("overwritten", told.Text("kind"));
        Assert.Equal(["title", "priority"], told["fields"]!.AsArray().Select(field => (string?)field));
        Assert.Equal((scene.Ann.Id, "Ann Archer"), (told["by"].Id(), told["by"].Text("name")));
        Assert.Equal(task.Id(), told.Id("taskId"));
        Assert.Empty(await TaskScene.NotificationsAsync(scene.Ann));
    }

    [Fact]
    public async Task Nobody_is_told_of_what_was_not_written_over()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        var task = await scene.CreateTaskAsync();
        (await scene.PatchAsync(scene.Bob, task, new { title = "By Bob" })).Expect(200);

        // Based on Bob's version; the same value; one's own change; no version at all.
        (await scene.PatchAsync(scene.Ann, task, new { title = "Seen", version = 2 })).Expect(200);
        (await scene.PatchAsync(scene.Ann, task, new { title = "Own", version = 1 })).Expect(200);
        (await scene.PatchAsync(scene.Bob, task, new { title = "By Bob again" })).Expect(200);
        (await scene.PatchAsync(scene.Ann, task, new { title = "By Bob again", version = 1 })).Expect(200);
        (await scene.PatchAsync(scene.Ann, task, new { title = "Last write" })).Expect(200);
        (await scene.PatchAsync(scene.Ann, task, new { title = "Strict", version = 1 }, ("If-Match", "\"6\""))).Expect(200);

        Assert.Empty(await TaskScene.NotificationsAsync(scene.Bob));
        Assert.Empty(await TaskScene.NotificationsAsync(scene.Ann));
    }

    [Theory]
    [InlineData("\"1\"", 412)]
    [InlineData("\"2\"", 200)]
    [InlineData("\"1\", \"2\"", 200)]
    [InlineData("*", 200)]
    [InlineData("2", 412)]
    [InlineData("W/\"2\"", 412)]
    [InlineData("\"02\"", 412)]
    [InlineData("\"2", 412)]
    [InlineData("\"\"", 412)]
    [InlineData("nonsense", 412)]
    public async Task If_match_refuses_another_version_and_writes_nothing(string header, int status)
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        var task = await scene.CreateTaskAsync();
        var current = (await scene.PatchAsync(scene.Bob, task, new { title = "Two" })).Expect(200).Json;
        var head = await scene.HeadAsync();

        // It wins over version, even one that is too high.
        var answer = (await scene.PatchAsync(scene.Ann, task, new { title = "Three", version = 99 }, ("If-Match", header))).Expect(status);

        Assert.Equal(status == 200 ? head + 1 : head, await scene.HeadAsync());
        if (status == 200) return;
        Assert.Equal("version_mismatch", answer.Code);
        Assert.True(JsonNode.DeepEquals(current, answer.Json["current"]), answer.Body);
        Assert.True(JsonNode.DeepEquals(current, await scene.TaskAsync(task)));
    }

    [Theory]
    [InlineData("""{"version":2,"title":"x"}""", "version")]
    [InlineData("""{"version":0,"title":"x"}""", "version")]
    [InlineData("""{"version":-1}""", "version")]
    [InlineData("""{"version":"1"}""", "version")]
    [InlineData("""{"version":1.5}""", "version")]
    [InlineData("""{"version":null}""", "version")]
    [InlineData("""{"version":99999999999999999999}""", "version")]
    [InlineData("""{"title":null}""", "title")]
    [InlineData("""{"title":"   "}""", "title")]
    [InlineData("""{"title":5}""", "title")]
    [InlineData("""{"title":"a\u0000b"}""", "title")]
    [InlineData("""{"title":"a\ud800b"}""", "title")]
    [InlineData("""{"description":"\u0000"}""", "description")]
    [InlineData("""{"status":"doing"}""", "status")]
    [InlineData("""{"status":null}""", "status")]
    [InlineData("""{"status":"TODO"}""", "status")]
    [InlineData("""{"priority":1}""", "priority")]
    [InlineData("""{"assigneeId":"not-an-id"}""", "assigneeId")]
    [InlineData("""{"assigneeId":"00000000-0000-0000-0000-000000000000"}""", "assigneeId")]
    [InlineData("""{"labels":"a"}""", "labels")]
    [InlineData("""{"labels":[null]}""", "labels")]
    [InlineData("""{"labels":[""]}""", "labels")]
    [InlineData("""{"dueOn":"2026-02-30"}""", "dueOn")]
    [InlineData("""{"dueOn":"tomorrow"}""", "dueOn")]
    [InlineData("""{"position":""}""", "position")]
    [InlineData("""{"position":"ä"}""", "position")]
    [InlineData("""{"position":null}""", "position")]
    [InlineData("[]", "body")]
    [InlineData("null", "body")]
    [InlineData("{\"title\":", "body")]
    [InlineData("", "body")]
    public async Task Bad_values_are_named_and_nothing_is_written(string body, string field)
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        var task = await scene.CreateTaskAsync();
        var head = await scene.HeadAsync();

        var answer = (await scene.PatchAsync(scene.Bob, task, body)).Expect(400);

        Assert.Equal("validation_failed", answer.Code);
        Assert.True(answer.Json["errors"]![field] is JsonArray { Count: > 0 }, answer.Body);
        Assert.Equal(head, await scene.HeadAsync());
    }

    [Fact]
    public async Task Sizes_are_limited()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        var task = await scene.CreateTaskAsync();
        (await scene.PatchAsync(scene.Bob, task, new { title = new string('t', 500), description = new string('d', 32 * 1024), labels = new[] { new string('l', 100) } })).Expect(200);

        Assert.NotNull((await scene.PatchAsync(scene.Bob, task, new { title = new string('t', 501) })).Expect(400).Json["errors"]!["title"]);
        Assert.NotNull((await scene.PatchAsync(scene.Bob, task, new { description = new string('d', 32 * 1024 + 1) })).Expect(400).Json["errors"]!["description"]);
        Assert.NotNull((await scene.PatchAsync(scene.Bob, task, new { labels = new[] { new string('l', 101) } })).Expect(400).Json["errors"]!["labels"]);
    }

    [Fact]
    public async Task Labels_are_a_set_and_nullable_fields_can_be_cleared()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        var task = await scene.CreateTaskAsync(new { title = "T", description = "D", assigneeId = scene.Bob.Id, labels = new[] { "b", "a", "b" }, dueOn = "2026-12-31" });
        Assert.Equal("""["b","a"]""", task["labels"]!.ToJsonString());

        var cleared = (await scene.PatchAsync(scene.Ann, task, """{"assigneeId":null,"dueOn":null,"description":null,"labels":null}""")).Expect(200).Json;

        Assert.Null(cleared["assigneeId"]);
        Assert.Null(cleared["dueOn"]);
        Assert.Equal("", cleared.Text("description"));
        Assert.Equal("[]", cleared["labels"]!.ToJsonString());
        var payload = (await scene.EventsAsync(await scene.HeadAsync() - 1))[0]!["payload"]!.AsObject();
        Assert.Equal("""{"description":"","assigneeId":null,"labels":[],"dueOn":null}""", payload.ToJsonString());
    }

    [Fact]
    public async Task Deleting_raises_the_version_once_more_and_strangers_see_nothing()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        using var stranger = await fixture.RegisterAsync("Eve");
        var task = await scene.CreateTaskAsync();
        (await stranger.Api.GetJsonAsync(scene.TaskPath(task))).Expect(404);
        (await scene.PatchAsync(stranger, task, new { title = "Mine" })).Expect(404);
        Assert.Equal("version_mismatch", (await scene.Bob.Api.DeleteJsonAsync(scene.TaskPath(task), ("If-Match", "\"7\""))).Expect(412).Code);

        (await scene.Bob.Api.DeleteJsonAsync(scene.TaskPath(task))).Expect(204);

        var deleted = (await scene.EventsAsync(await scene.HeadAsync() - 1))[0]!;
        Assert.Equal(("task.deleted", 2L, "{}"), (deleted.Text("type"), deleted.Number("version"), deleted["payload"]!.ToJsonString()));
        (await scene.Bob.Api.GetJsonAsync(scene.TaskPath(task))).Expect(404);
        (await scene.PatchAsync(scene.Bob, task, new { title = "x" })).Expect(404);
        (await scene.Bob.Api.DeleteJsonAsync(scene.TaskPath(task))).Expect(404);
        (await scene.Bob.Api.GetJsonAsync(scene.TaskPath(task) + "/activity")).Expect(404);
        (await scene.Bob.Api.GetJsonAsync(scene.TaskPath(task) + "/comments")).Expect(404);
    }
}
