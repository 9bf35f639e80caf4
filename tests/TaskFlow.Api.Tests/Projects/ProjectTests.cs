using Npgsql;
using TaskFlow.Api.Tests.Tasks;
using TaskFlow.Testing;

namespace TaskFlow.Api.Tests.Projects;

public sealed class ProjectTests(ApiFixture fixture)
{
    [Fact]
    public async Task A_project_is_created_renamed_listed_and_its_key_stays()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        var path = $"{scene.WorkspacePath}/projects/{scene.Project}";
        var head = await scene.HeadAsync();

        var renamed = (await scene.Ann.Api.PatchJsonAsync(path, new { name = " Site ", key = "NEW" })).Expect(200).Json;
        (await scene.Ann.Api.PatchJsonAsync(path, new { name = "Site" })).Expect(200);

        Assert.Equal(("Site", "WEB"), (renamed.Text("name"), renamed.Text("key")));
        var change = Assert.Single(await scene.EventsAsync(head))!;
        Assert.Equal(("project.updated", """{"name":"Site"}"""), (change.Text("type"), change["payload"]!.ToJsonString()));
        Assert.Equal(scene.Project, change.Id("projectId"));
        Assert.Equal("Site", (await scene.Bob.Api.GetJsonAsync(path)).Expect(200).Json.Text("name"));
        Assert.Single((await scene.Bob.Api.GetJsonAsync($"{scene.WorkspacePath}/projects")).Expect(200).Json["data"]!.AsArray());
    }

    [Fact]
    public async Task A_key_is_taken_once_even_by_parallel_requests()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => scene.Ann.Api.PostJsonAsync($"{scene.WorkspacePath}/projects", new { name = "One", key = "ONE" })));

        Assert.Single(answers, answer => answer.Status == 201);
        Assert.All(answers.Where(answer => answer.Status != 201), answer => Assert.Equal((409, "conflict"), (answer.Status, answer.Code)));
    }

    [Theory]
    [InlineData("W")]
    [InlineData("web")]
    [InlineData("1WEB")]
    [InlineData("WEB-1")]
    [InlineData("ABCDEFGHIJK")]
    [InlineData("WÄB")]
    [InlineData("WEB\n")]
    [InlineData("")]
    public async Task A_malformed_key_is_refused(string key)
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        // Outer white space is not part of a value, so a line break at the end is no error.
        var status = key == "WEB\n" ? 409 : 400;
        (await scene.Ann.Api.PostJsonAsync($"{scene.WorkspacePath}/projects", new { name = "Name", key })).Expect(status);
    }

    [Fact]
    public async Task Deleting_a_project_deletes_its_tasks_with_an_event_each_before_its_own()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        var tasks = new List<Guid>();
        for (var i = 0; i < 3; i++) tasks.Add((await scene.CreateTaskAsync()).Id());
        (await scene.Bob.Api.PostJsonAsync($"{scene.WorkspacePath}/tasks/{tasks[1]}/comments", new { body = "gone with it" })).Expect(201);
        var head = await scene.HeadAsync();
        (await scene.Bob.Api.DeleteJsonAsync($"{scene.WorkspacePath}/projects/{scene.Project}")).Expect(403);

        (await scene.Ann.Api.DeleteJsonAsync($"{scene.WorkspacePath}/projects/{scene.Project}")).Expect(204);

        var events = await scene.EventsAsync(head);
        Assert.Equal(["task.deleted", "task.deleted", "task.deleted", "project.deleted"], events.Select(change => change.Text("type")));
        Assert.Equal(tasks, events.Take(3).Select(change => change.Id("taskId")));
        Assert.All(events.Take(3), change => Assert.Equal(2, change.Number("version")));
        Assert.All(events, change => Assert.Equal(("{}", scene.Project), (change!["payload"]!.ToJsonString(), change.Id("projectId"))));
        var snapshot = (await scene.Bob.Api.GetJsonAsync($"{scene.WorkspacePath}/snapshot")).Expect(200).Json;
        Assert.Empty(snapshot["tasks"]!.AsArray());
        Assert.Empty(snapshot["projects"]!.AsArray());
        (await scene.Ann.Api.PostJsonAsync(scene.ProjectTasksPath, new { title = "Too late" })).Expect(404);
        (await scene.Ann.Api.GetJsonAsync(scene.ProjectTasksPath)).Expect(404);
    }

    [Fact]
    public async Task A_key_that_is_taken_while_its_project_is_being_deleted_goes_on_with_its_numbers()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        var last = (await scene.CreateTaskAsync()).Number("number");
        await using var connection = await fixture.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var deletion = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        async Task<object?> RunAsync(string sql) => await new NpgsqlCommand(sql, connection, deletion).ExecuteScalarAsync(TestContext.Current.CancellationToken);
        // What a deletion does before its commit.
        await RunAsync($"insert into retired_project_keys (workspace_id, key, last_number) select workspace_id, key, last_number from projects where id = '{scene.Project}'");
        await RunAsync($"delete from projects where id = '{scene.Project}'");
        var me = await RunAsync("select pg_backend_pid()");

        var creating = scene.Ann.Api.PostJsonAsync($"{scene.WorkspacePath}/projects", new { name = "Again", key = "WEB" });
        // Not in the transaction, which would see the same sessions again and again.
        await using var waits = fixture.Database.CreateCommand($"select exists (select from pg_stat_activity where {me} = any(pg_blocking_pids(pid)))");
        await Deadline.UntilAsync("the new project waits for the deletion", async () => (bool)(await waits.ExecuteScalarAsync(TestContext.Current.CancellationToken))!);
        await deletion.CommitAsync(TestContext.Current.CancellationToken);

        var project = (await creating).Expect(201).Json.Id();
        Assert.Equal(last + 1, (await scene.Ann.CreateTaskAsync(scene.Workspace, project)).Number("number"));
    }

    [Fact]
    public async Task Those_who_leave_or_become_guests_lose_their_tasks()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        var first = await scene.CreateTaskAsync(new { title = "One", assigneeId = scene.Bob.Id });
        var head = await scene.HeadAsync();
        (await scene.Ann.Api.PatchJsonAsync($"{scene.WorkspacePath}/members/{scene.Bob.Id}", new { role = "guest" })).Expect(200);

        var events = await scene.EventsAsync(head);
        Assert.Equal(["task.updated", "member.updated"], events.Select(change => change.Text("type")));
        Assert.Equal("""{"assigneeId":null}""", events[0]!["payload"]!.ToJsonString());
        Assert.Equal(2, (await scene.TaskAsync(first)).Number("version"));
        var refused = (await scene.PatchAsync(scene.Ann, first, new { assigneeId = scene.Bob.Id })).Expect(400);
        Assert.NotNull(refused.Json["errors"]!["assigneeId"]);

        (await scene.Ann.Api.PatchJsonAsync($"{scene.WorkspacePath}/members/{scene.Bob.Id}", new { role = "member" })).Expect(200);
        (await scene.PatchAsync(scene.Ann, first, new { assigneeId = scene.Bob.Id })).Expect(200);
        (await scene.Ann.Api.DeleteJsonAsync($"{scene.WorkspacePath}/members/{scene.Bob.Id}")).Expect(204);
        Assert.Null((await scene.TaskAsync(first))["assigneeId"]);
    }
}
