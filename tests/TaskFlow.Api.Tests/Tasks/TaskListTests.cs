using TaskFlow.Testing;

namespace TaskFlow.Api.Tests.Tasks;

public sealed class TaskListTests(ApiFixture fixture)
{
    [Fact]
    public async Task Filters_narrow_the_list_and_combine()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        var other = await scene.Ann.CreateProjectAsync(scene.Workspace, "OPS", "Operations");
        await scene.CreateTaskAsync(new { title = "Plan the launch", status = "done", assigneeId = scene.Bob.Id, labels = new[] { "big", "odd label" } });
        await scene.CreateTaskAsync(new { title = "Write a test", labels = new[] { "big" } });
        await scene.Ann.CreateTaskAsync(scene.Workspace, other, "Rotate the keys");

        Assert.Equal(["WEB-1", "WEB-2", "OPS-1"], await KeysAsync(scene, ""));
        Assert.Equal(["WEB-1"], await KeysAsync(scene, "?status=done"));
        Assert.Equal(["WEB-1", "WEB-2", "OPS-1"], await KeysAsync(scene, "?status=done,todo"));
        Assert.Equal(["WEB-1"], await KeysAsync(scene, $"?assignee={scene.Bob.Id}"));
        Assert.Equal(["WEB-2", "OPS-1"], await KeysAsync(scene, "?assignee=none"));
        Assert.Empty(await KeysAsync(scene, "?assignee=me"));
        Assert.Equal(["OPS-1"], await KeysAsync(scene, $"?project={other}"));
        Assert.Equal(["WEB-1", "WEB-2"], await KeysAsync(scene, "?label=big"));
        Assert.Equal(["WEB-1"], await KeysAsync(scene, $"?label=odd%20label&project={scene.Project}&status=done"));
        Assert.Empty(await KeysAsync(scene, "?label=bi"));
        Assert.Empty(await KeysAsync(scene, $"?project={Guid.NewGuid()}"));
    }

    [Fact]
    public async Task Words_are_found_in_key_title_and_description_whatever_their_form()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        await scene.CreateTaskAsync(new { title = "Logins fail", description = "The form answers 500 for müller@example.org" });
        await scene.CreateTaskAsync(new { title = "Deploy to the island" });

        Assert.Equal(["WEB-1"], await KeysAsync(scene, "?q=login"));
        Assert.Equal(["WEB-1"], await KeysAsync(scene, "?q=LOGINS%20failing"));
        Assert.Equal(["WEB-1"], await KeysAsync(scene, "?q=%22form%20answers%22"));
        Assert.Equal(["WEB-2"], await KeysAsync(scene, "?q=-login"));
        Assert.Equal(["WEB-1", "WEB-2"], await KeysAsync(scene, "?q=login%20or%20island"));
        Assert.Equal(["WEB-2"], await KeysAsync(scene, "?q=web-2"));
        Assert.Equal(["WEB-1", "WEB-2"], await KeysAsync(scene, "?q="));
        Assert.Empty(await KeysAsync(scene, "?q=nowhere"));
    }

    [Fact]
    public async Task Words_are_found_whatever_their_alphabet_their_case_and_the_punctuation_around_them()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        await scene.CreateTaskAsync(new { title = "Änderung prüfen" });
        await scene.CreateTaskAsync(new { title = "Release “Phoenix” — ПРИВЕТ" });

        foreach (var word in new[] { "änderung", "ÄNDERUNG", "PRÜFEN" }) Assert.Equal(["WEB-1"], await KeysAsync(scene, "?q=" + Uri.EscapeDataString(word)));
        foreach (var word in new[] { "phoenix", "“phoenix”", "привет" }) Assert.Equal(["WEB-2"], await KeysAsync(scene, "?q=" + Uri.EscapeDataString(word)));
    }

    [Theory]
    [InlineData("'")]
    [InlineData("\"")]
    [InlineData("a & b | !c <-> (d")]
    [InlineData(":*")]
    [InlineData("\\")]
    [InlineData("or or or -")]
    [InlineData("\u202eabc \ud83d\ude00")]
    [InlineData("%_")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task Odd_searches_find_nothing_and_are_no_error(string query)
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        Assert.Empty(await KeysAsync(scene, "?q=" + Uri.EscapeDataString(query)));
    }

    [Theory]
    [InlineData("status=doing", "status")]
    [InlineData("status=", "status")]
    [InlineData("status=done,", "status")]
    [InlineData("assignee=bob", "assignee")]
    [InlineData("project=WEB", "project")]
    [InlineData("label=", "label")]
    [InlineData("q=%00", "q")]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=201", "limit")]
    [InlineData("limit=x", "limit")]
    [InlineData("cursor=abc", "cursor")]
    public async Task Bad_filters_are_refused(string query, string field)
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        var answer = (await scene.Ann.Api.GetJsonAsync($"{scene.WorkspacePath}/tasks?{query}")).Expect(400);
        Assert.NotNull(answer.Json["errors"]![field]);
    }

    [Fact]
    public async Task Pages_stay_right_while_tasks_are_added_and_deleted()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        var expected = new List<Guid>();
        for (var i = 0; i < 9; i++) expected.Add((await scene.CreateTaskAsync()).Id());

        var seen = new List<Guid>();
        string? cursor = null;
        do
        {
            var page = (await scene.Ann.Api.GetJsonAsync($"{scene.WorkspacePath}/tasks?limit=2" + (cursor is null ? "" : $"&cursor={cursor}"))).Expect(200).Json;
            seen.AddRange(page["data"]!.AsArray().Select(task => task.Id()));
            cursor = (string?)page["nextCursor"];
            if (seen.Count == 2)
            {
                // What was seen goes, something new comes: no other row is skipped or seen twice.
                (await scene.Ann.Api.DeleteJsonAsync($"{scene.WorkspacePath}/tasks/{seen[0]}")).Expect(204);
                expected.Add((await scene.CreateTaskAsync()).Id());
            }
        }
        while (cursor is not null);
        Assert.Equal(expected, seen);
    }

    [Fact]
    public async Task Activity_is_the_tasks_events_newest_first_in_pages()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        var task = await scene.CreateTaskAsync();
        await scene.CreateTaskAsync();
        (await scene.PatchAsync(scene.Bob, task, new { status = "done" })).Expect(200);
        (await scene.Bob.Api.PostJsonAsync(scene.TaskPath(task) + "/comments", new { body = "Done." })).Expect(201);

        var first = (await scene.Ann.Api.GetJsonAsync(scene.TaskPath(task) + "/activity?limit=2")).Expect(200).Json;
        var rest = (await scene.Ann.Api.GetJsonAsync($"{scene.TaskPath(task)}/activity?limit=2&cursor={first["nextCursor"]}")).Expect(200).Json;

        string?[] types = [.. first["data"]!.AsArray().Concat(rest["data"]!.AsArray()).Select(change => (string?)change!["type"])];
        Assert.Equal(["comment.created", "task.updated", "task.created"], types);
        Assert.Null(rest["nextCursor"]);
    }

    private static async Task<IReadOnlyList<string>> KeysAsync(TaskScene scene, string query) =>
        [.. (await scene.Ann.Api.GetJsonAsync($"{scene.WorkspacePath}/tasks{query}")).Expect(200).Json["data"]!.AsArray().Select(task => task.Text("key"))];
}
