using System.Text.Json.Nodes;
using TaskFlow.Testing;

namespace TaskFlow.Api.Tests.Tasks;

public sealed class ConcurrencyTests(ApiFixture fixture)
{
    [Fact]
    public async Task Fifty_parallel_writers_leave_versions_and_seqs_without_gaps_or_doubles()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        JsonNode[] tasks = [await scene.CreateTaskAsync(), await scene.CreateTaskAsync()];
        var head = await scene.HeadAsync();

        await Task.WhenAll(Enumerable.Range(0, 50).Select(async writer =>
        {
            for (var i = 0; i < 4; i++)
            {
                var user = writer % 2 == 0 ? scene.Ann : scene.Bob;
                var title = $"{writer}.{i}";
                (await SendPatientlyAsync(user, HttpMethod.Patch, scene.TaskPath(tasks[writer % 3 % 2]), new { title }, title)).Expect(200);
            }
        }));

        var events = await scene.EventsAsync(head);
        Assert.Equal(Enumerable.Range(1, 200).Select(i => head + i), events.Select(change => change.Number("seq")));
        foreach (var task in tasks)
        {
            var ofTask = events.Where(change => change.Id("taskId") == task.Id()).ToArray();
            Assert.Equal(Enumerable.Range(2, ofTask.Length).Select(i => (long)i), ofTask.Select(change => change.Number("version")));
            var now = await scene.TaskAsync(task);
            Assert.Equal(ofTask.Length + 1, now.Number("version"));
            Assert.Equal((string?)ofTask[^1]!["payload"]!["title"], now.Text("title"));
        }
    }

    [Fact]
    public async Task Keys_have_no_gaps_or_doubles_even_when_some_creations_are_refused()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => SendPatientlyAsync(scene.Ann, HttpMethod.Post, scene.ProjectTasksPath,
            i % 4 == 0 ? new { title = "Refused", assigneeId = Guid.NewGuid() } : new { title = $"Task {i}" }, $"task-{i}")));

        var created = answers.Where(answer => answer.Status == 201).Select(answer => answer.Json).ToArray();
        Assert.Equal(45, created.Length);
        Assert.Equal(Enumerable.Range(1, 45).Select(i => (long)i), created.Select(task => task.Number("number")).Order());
        Assert.All(created, task => Assert.Equal($"WEB-{task.Number("number")}", task.Text("key")));
        Assert.Equal(45, created.Select(task => task.Text("position")).Distinct().Count());
    }

    [Fact]
    public async Task Numbers_of_deleted_tasks_and_projects_are_never_used_again()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        await scene.CreateTaskAsync();
        var second = await scene.CreateTaskAsync();
        (await scene.Ann.Api.DeleteJsonAsync(scene.TaskPath(second))).Expect(204);
        Assert.Equal("WEB-3", (await scene.CreateTaskAsync()).Text("key"));

        (await scene.Ann.Api.DeleteJsonAsync($"{scene.WorkspacePath}/projects/{scene.Project}")).Expect(204);
        var again = await scene.Ann.CreateProjectAsync(scene.Workspace);
        Assert.Equal("WEB-4", (await scene.Ann.CreateTaskAsync(scene.Workspace, again)).Text("key"));
    }

    [Fact]
    public async Task Two_retries_of_one_change_at_the_same_time_make_one_change()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        var task = await scene.CreateTaskAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => scene.PatchAsync(scene.Bob, task, new { title = "Once" }, ("Idempotency-Key", "once"))));

        Assert.All(answers, answer => Assert.True(answer.Status is 200 or 409, answer.Body));
        Assert.Contains(answers, answer => answer.Status == 200);
        Assert.Equal(2, (await scene.TaskAsync(task)).Number("version"));
        Assert.Equal(409, (await scene.PatchAsync(scene.Bob, task, new { title = "Other" }, ("Idempotency-Key", "once"))).Status);
    }

    [Fact]
    public async Task Writing_while_projects_are_deleted_never_ends_in_an_error_of_the_server()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        for (var round = 0; round < 5; round++)
        {
            var project = await scene.Ann.CreateProjectAsync(scene.Workspace, $"P{round}X");
            var path = $"{scene.WorkspacePath}/projects/{project}";
            var tasks = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => scene.Ann.CreateTaskAsync(scene.Workspace, project)));
            ApiResponse[] answers = await Task.WhenAll([
                .. tasks.Select(task => scene.PatchAsync(scene.Bob, task, new { title = "x", position = "a0" })),
                .. tasks.Select(task => scene.Bob.Api.PostJsonAsync(scene.TaskPath(task) + "/comments", new { body = "hello" })),
                scene.Ann.Api.DeleteJsonAsync(path),
                .. tasks.Select(_ => scene.Bob.Api.PostJsonAsync(path + "/tasks", new { title = "late" })),
            ]);
            Assert.All(answers, answer => Assert.True(answer.Status is 200 or 201 or 204 or 404, $"{answer.Status} {answer.Body}"));
        }
        var events = await scene.EventsAsync();
        Assert.Equal(Enumerable.Range(1, events.Count).Select(i => (long)i), events.Select(change => change.Number("seq")));
    }

    /// <summary>As a good client does: where the server is too busy to answer, the same change with the same key again.</summary>
    private static async Task<ApiResponse> SendPatientlyAsync(TestUser user, HttpMethod method, string path, object body, string key)
    {
        ApiResponse? answer = null;
        await Deadline.UntilAsync($"change {key} is answered", async () =>
        {
            answer = await user.Api.SendAsync(method, path, body, [("Idempotency-Key", key)]);
            return answer.Status is not (503 or 409);
        }, TimeSpan.FromMinutes(2));
        return answer!;
    }
}
