using System.Text.Json.Nodes;
using CsCheck;
using TaskFlow.Api.Tests.Tasks;
using TaskFlow.Testing;

namespace TaskFlow.Api.Tests.Events;

public sealed class SnapshotTests(ApiFixture fixture)
{
    /// <summary>Random operations; at every point the snapshot so far plus the events since is the snapshot of then.</summary>
    [Fact]
    public async Task Folding_later_events_into_a_snapshot_equals_a_fresh_snapshot()
    {
        var operation = Gen.Select(Gen.Int[0, 13], Gen.Int[0, 1_000], Gen.Int[0, 1_000]);
        await Gen.Select(operation.Array[5, 40], Gen.Int[0, 1_000]).SampleAsync(async (operations, cut) =>
        {
            using var scene = await TaskScene.CreateAsync(fixture);
            var world = new RandomOperations(scene);
            var model = new WorkspaceModel(await SnapshotAsync(scene));
            for (var i = 0; i < operations.Length; i++)
            {
                if (i == cut % operations.Length)
                {
                    await FollowAsync(scene, model);
                    Assert.Equal(new WorkspaceModel(await SnapshotAsync(scene)).ToString(), model.ToString());
                }
                await world.RunAsync(operations[i].Item1, operations[i].Item2, operations[i].Item3);
            }
            await FollowAsync(scene, model);
            Assert.Equal(new WorkspaceModel(await SnapshotAsync(scene)).ToString(), model.ToString());
            return true;
        }, iter: 8, threads: 2);
    }

    [Fact]
    public async Task A_snapshot_taken_while_others_write_is_of_exactly_its_head()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        var tasks = new List<JsonNode>();
        for (var i = 0; i < 4; i++) tasks.Add(await scene.CreateTaskAsync());
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 6).Select(async writer =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                (await scene.PatchAsync(scene.Bob, tasks[(writer + i) % 4], new { title = $"{writer}.{i}", position = $"m{i % 7}" })).Expect(200);
                if (i % 5 == 0) await scene.CreateTaskAsync();
            }
        }).ToArray();

        var models = new List<WorkspaceModel>();
        for (var i = 0; i < 8; i++) models.Add(new WorkspaceModel(await SnapshotAsync(scene)));
        await stop.CancelAsync();
        await Task.WhenAll(writers);

        var last = new WorkspaceModel(await SnapshotAsync(scene)).ToString();
        foreach (var model in models)
        {
            await FollowAsync(scene, model);
            Assert.Equal(last, model.ToString());
        }
    }

    [Fact]
    public async Task A_snapshot_read_again_and_again_is_right_after_every_write_and_for_everybody()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        for (var round = 0; round < 3; round++)
        {
            var task = await scene.CreateTaskAsync();
            var first = await SnapshotAsync(scene);
            Assert.Equal(task.Id(), first["tasks"]!.AsArray()[^1].Id());
            // From the third time on it comes from the cache.
            for (var i = 0; i < 4; i++) Assert.True(JsonNode.DeepEquals(first, await SnapshotAsync(scene)));
            var ofBob = (await scene.Bob.Api.GetJsonAsync($"{scene.WorkspacePath}/snapshot")).Expect(200).Json;
            Assert.Equal(("owner", "member"), (first["workspace"].Text("role"), ofBob["workspace"].Text("role")));
            first["workspace"]!["role"] = "member";
            Assert.True(JsonNode.DeepEquals(first, ofBob));
        }
    }

    [Fact]
    public async Task A_snapshot_shows_everybody_their_own_role_and_strangers_nothing()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        using var stranger = await fixture.RegisterAsync("Eve");
        (await stranger.Api.GetJsonAsync($"{scene.WorkspacePath}/snapshot")).Expect(404);
        var snapshot = (await scene.Bob.Api.GetJsonAsync($"{scene.WorkspacePath}/snapshot")).Expect(200).Json;
        Assert.Equal("member", snapshot["workspace"].Text("role"));
        Assert.Equal(snapshot.Number("head"), snapshot["workspace"].Number("head"));
        Assert.Equal(["owner", "member"], snapshot["members"]!.AsArray().Select(member => member.Text("role")));
        Assert.NotEmpty(snapshot.Text("epoch"));
    }

    private static async Task<JsonNode> SnapshotAsync(TaskScene scene) => (await scene.Ann.Api.GetJsonAsync($"{scene.WorkspacePath}/snapshot")).Expect(200).Json;

    private static async Task FollowAsync(TaskScene scene, WorkspaceModel model)
    {
        while (true)
        {
            var page = (await scene.Ann.Api.GetJsonAsync($"{scene.WorkspacePath}/events?after={model.Head}&limit=50")).Expect(200).Json;
            foreach (var change in page["events"]!.AsArray()) model.Apply(change!);
            if (!(bool)page["hasMore"]!) return;
        }
    }
}
