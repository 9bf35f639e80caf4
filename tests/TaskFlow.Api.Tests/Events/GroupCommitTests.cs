using System.Text.Json.Nodes;
using Npgsql;
using TaskFlow.Api.Tests.Tasks;
using TaskFlow.Testing;

namespace TaskFlow.Api.Tests.Events;

/// <summary>Changes of many workspaces at the same moment, which share transactions: each has its own outcome, whatever becomes of the others.</summary>
public sealed class GroupCommitTests(ApiFixture fixture)
{
    [Fact]
    public async Task Changes_that_are_refused_leave_those_beside_them_alone()
    {
        using var people = new People(await ScenesAsync(12));
        var tasks = await Task.WhenAll(people.Scenes.Select(scene => scene.CreateTaskAsync()));
        var answers = await Task.WhenAll(Enumerable.Range(0, 240).Select(async i =>
        {
            var (scene, task) = (people.Scenes[i % 12], tasks[i % 12]);
            var kind = i / 12 % 5;
            return (Kind: kind, Answer: await (kind switch
            {
                0 => scene.PatchAsync(scene.Ann, task, new { title = $"Title {i}" }),
                1 => scene.PatchAsync(scene.Ann, task, new { title = "Too late" }, ("If-Match", "\"0\"")),
                2 => scene.Ann.Api.PostJsonAsync(scene.ProjectTasksPath, new { title = "For a stranger", assigneeId = Guid.NewGuid() }),
                3 => scene.Ann.Api.PostJsonAsync(scene.ProjectTasksPath, new { title = $"Task {i}" }),
                _ => scene.Bob.Api.PostJsonAsync($"{scene.WorkspacePath}/tasks/{Guid.NewGuid()}/comments", new { body = "Nowhere" }),
            }));
        }));

        int[] expected = [200, 412, 400, 201, 404];
        Assert.All(answers, item => Assert.Equal(expected[item.Kind], item.Answer.Status));
        foreach (var scene in people.Scenes)
        {
            var events = await scene.EventsAsync();
            Assert.Equal(Enumerable.Range(1, events.Count).Select(i => (long)i), events.Select(change => change.Number("seq")));
            Assert.Equal(4, events.Count(change => change.Text("type") == "task.updated"));
            // A number that was taken for a creation which is then refused was never taken.
            Assert.Equal([1, 2, 3, 4, 5], events.Where(change => change.Text("type") == "task.created").Select(change => change!["payload"]!.Number("number")).Order());
        }
    }

    [Fact]
    public async Task Changes_of_one_task_at_the_same_time_each_see_the_one_before()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        JsonNode[] tasks = [.. await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => scene.CreateTaskAsync()))];
        var head = await scene.HeadAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 120).Select(i => i % 3 == 2
            ? scene.PatchAsync(scene.Bob, tasks[i % 4], new { position = "a1" })
            : scene.PatchAsync(i % 3 == 0 ? scene.Ann : scene.Bob, tasks[i % 4], new { title = $"{i}" })));

        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        var events = await scene.EventsAsync(head);
        foreach (var task in tasks)
        {
            var ofTask = events.Where(change => change.Id("taskId") == task.Id()).ToArray();
            Assert.Equal(Enumerable.Range(2, ofTask.Length).Select(i => (long)i), ofTask.Select(change => change.Number("version")));
            Assert.Equal(ofTask.Length + 1, (await scene.TaskAsync(task)).Number("version"));
        }
        Assert.Equal(4, (await Task.WhenAll(tasks.Select(scene.TaskAsync))).Select(task => task.Text("position")).Distinct().Count());
    }

    [Fact]
    public async Task Retries_under_the_same_key_among_many_other_changes_take_effect_once()
    {
        using var people = new People(await ScenesAsync(6));
        var answers = await Task.WhenAll(people.Scenes.SelectMany(scene => Enumerable.Range(0, 8).Select(i => SendAsync(scene, i % 2))));

        foreach (var (scene, ofScene) in people.Scenes.Zip(answers.Chunk(8)))
        {
            Assert.Single(ofScene.Where((_, i) => i % 2 == 0).Select(answer => answer.Json.Text("id")).Distinct());
            Assert.Single(ofScene.Where((_, i) => i % 2 == 1).Select(answer => answer.Json.Text("id")).Distinct());
            var created = (await scene.EventsAsync()).Where(change => change.Text("type") == "task.created").ToArray();
            Assert.Equal([1, 2], created.Select(change => change!["payload"]!.Number("number")).Order());
            Assert.Equal(["key-0", "key-1"], created.Select(change => change.Text("mutationId")).Order());
        }

        static async Task<ApiResponse> SendAsync(TaskScene scene, int key)
        {
            ApiResponse? answer = null;
            await Deadline.UntilAsync("the key is answered", async () =>
            {
                answer = await scene.Ann.Api.SendAsync(HttpMethod.Post, scene.ProjectTasksPath, new { title = $"Task {key}" }, [("Idempotency-Key", $"key-{key}")]);
                return answer.Status != 409; // The first one still runs.
            });
            return answer!.Expect(201);
        }
    }

    [Fact]
    public async Task A_repetition_does_not_wait_for_the_first_request()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        var task = await scene.CreateTaskAsync();
        await using var connection = await fixture.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await HoldAsync(connection, scene.Workspace);

        var first = PatchAsync();
        var second = PatchAsync();
        var refused = await await Task.WhenAny(first, second);
        Assert.Equal(409, refused.Status);
        Assert.Equal(409, (await PatchAsync()).Status);
        await transaction.RollbackAsync(TestContext.Current.CancellationToken);
        var answers = await Task.WhenAll(first, second);

        var done = Assert.Single(answers, answer => answer.Status == 200);
        Assert.Equal(done.Body, (await PatchAsync()).Expect(200).Body);
        Assert.Equal(2, (await scene.TaskAsync(task)).Number("version"));

        Task<ApiResponse> PatchAsync() => scene.PatchAsync(scene.Ann, task, new { title = "Once" }, ("Idempotency-Key", "held"));
    }

    [Fact]
    public async Task A_workspace_that_somebody_holds_keeps_nobody_else_waiting()
    {
        using var people = new People(await ScenesAsync(16));
        var tasks = await Task.WhenAll(people.Scenes.Select(scene => scene.CreateTaskAsync()));
        await using var connection = await fixture.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await HoldAsync(connection, people.Scenes[0].Workspace);

        var held = people.Scenes[0].PatchAsync(people.Scenes[0].Ann, tasks[0], new { title = "Held up" });
        var others = await Task.WhenAll(Enumerable.Range(1, 15).Select(i => people.Scenes[i].PatchAsync(people.Scenes[i].Ann, tasks[i], new { title = "On its way" })));

        Assert.All(others, answer => Assert.Equal(200, answer.Status));
        Assert.False(held.IsCompleted);
        await transaction.RollbackAsync(TestContext.Current.CancellationToken);
        Assert.Equal(200, (await held).Status);
    }

    [Fact]
    public async Task A_workspace_that_somebody_holds_does_not_take_all_connections()
    {
        using var people = new People(await ScenesAsync(2));
        var (busy, other) = (people.Scenes[0], people.Scenes[1]);
        var tasks = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => busy.CreateTaskAsync()));
        var otherTask = await other.CreateTaskAsync();
        await using var connection = await fixture.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await HoldAsync(connection, busy.Workspace);

        var held = tasks.Select(task => busy.PatchAsync(busy.Ann, task, new { title = "Held up" })).ToArray();
        var most = 0L;
        await using var count = fixture.Database.CreateCommand("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%update workspaces set seq%'");
        for (var i = 0; i < 20; i++)
        {
            most = Math.Max(most, (long)(await count.ExecuteScalarAsync(TestContext.Current.CancellationToken))!);
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
        var answer = await other.PatchAsync(other.Ann, otherTask, new { title = "On its way" });
        await transaction.RollbackAsync(TestContext.Current.CancellationToken);
        var answers = await Task.WhenAll(held);

        Assert.InRange(most, 1, 20); // Those of other tests may be among them.
        Assert.Equal(200, answer.Status);
        Assert.All(answers, item => Assert.Equal(200, item.Status));
    }

    [Fact]
    public async Task A_workspace_that_is_deleted_meanwhile_takes_nobody_elses_change_with_it()
    {
        using var people = new People(await ScenesAsync(8));
        var tasks = await Task.WhenAll(people.Scenes.Select(scene => scene.CreateTaskAsync()));
        var changes = Enumerable.Range(0, 160).Select(async i => (Scene: i % 8, Answer: await people.Scenes[i % 8].PatchAsync(people.Scenes[i % 8].Ann, tasks[i % 8], new { title = $"{i}" }))).ToArray();
        var deletion = await people.Scenes[3].Ann.Api.DeleteJsonAsync(people.Scenes[3].WorkspacePath);
        var answers = await Task.WhenAll(changes);

        Assert.Equal(204, deletion.Status);
        Assert.All(answers, item => Assert.True(item.Answer.Status == 200 || (item.Scene == 3 && item.Answer.Status == 404), $"{item.Scene}: {item.Answer.Status} {item.Answer.Body}"));
        foreach (var i in Enumerable.Range(0, 8).Where(i => i != 3)) Assert.Equal(21, (await people.Scenes[i].TaskAsync(tasks[i])).Number("version"));
    }

    /// <summary>Holds a workspace's row, as a writer of another instance does that got stuck.</summary>
    private static async Task<NpgsqlTransaction> HoldAsync(NpgsqlConnection connection, Guid workspace)
    {
        var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var hold = connection.CreateCommand();
        hold.CommandText = "select from workspaces where id = $1 for update";
        hold.Parameters.Add(new() { Value = workspace });
        await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return transaction;
    }

    private Task<TaskScene[]> ScenesAsync(int count) => Task.WhenAll(Enumerable.Range(0, count).Select(_ => TaskScene.CreateAsync(fixture)));

    private sealed record People(TaskScene[] Scenes) : IDisposable
    {
        public void Dispose()
        {
            foreach (var scene in Scenes) scene.Dispose();
        }
    }
}
