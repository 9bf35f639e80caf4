using System.Text.Json.Nodes;
using TaskFlow.Testing;

namespace TaskFlow.Api.Tests.Tasks;

public sealed class PositionTests(ApiFixture fixture)
{
    private const int MaxLength = 128;

    [Fact]
    public async Task New_tasks_go_to_the_end_and_keys_stay_short()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        var positions = new List<string>();
        for (var i = 0; i < 70; i++) positions.Add((await scene.CreateTaskAsync()).Text("position"));

        Assert.Equal(positions.Order(StringComparer.Ordinal), positions);
        Assert.All(positions, position => Assert.True(position.Length <= 3, position));
    }

    [Fact]
    public async Task Of_two_tasks_for_one_place_the_later_lands_right_behind_the_earlier()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        var (first, second, third) = (await scene.CreateTaskAsync(), await scene.CreateTaskAsync(), await scene.CreateTaskAsync());
        (await scene.PatchAsync(scene.Ann, first, new { position = "m" })).Expect(200);
        (await scene.PatchAsync(scene.Bob, third, new { position = "n" })).Expect(200);

        var moved = (await scene.PatchAsync(scene.Bob, second, new { position = "m" })).Expect(200).Json;

        Assert.True(string.CompareOrdinal("m", moved.Text("position")) < 0);
        Assert.True(string.CompareOrdinal(moved.Text("position"), "n") < 0);
        // Everybody sees the place it really got.
        var change = (await scene.EventsAsync()).Last(change => change.Id("taskId") == second.Id())!;
        Assert.Equal(moved.Text("position"), change["payload"].Text("position"));
    }

    [Fact]
    public async Task Parallel_moves_to_one_place_never_collide()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        var tasks = new List<JsonNode>();
        for (var i = 0; i < 20; i++) tasks.Add(await scene.CreateTaskAsync());

        await Task.WhenAll(tasks.Select(async task => (await scene.PatchAsync(scene.Bob, task, new { position = "Zz" })).Expect(200)));

        Assert.Equal(20, (await PositionsAsync(scene)).Distinct().Count());
    }

    /// <summary>The worst there is for fractional keys: always to the same side of what came last, so that each move halves the room.</summary>
    [Fact]
    public async Task Ten_thousand_moves_between_the_same_neighbours_collide_never_and_keep_keys_short()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        var top = await scene.CreateTaskAsync();
        var movers = new List<JsonNode>();
        for (var i = 0; i < 4; i++) movers.Add(await scene.CreateTaskAsync());
        await scene.CreateTaskAsync();

        for (var i = 0; i < 10_000; i += 2)
        {
            var positions = await OrderAsync(scene, i);
            var (low, high) = (positions.First(task => task.Id == top.Id()), positions[1]);
            // Two people at once aim for the place right below the top.
            var aim = Between(low.Position, high.Position);
            var answers = await Task.WhenAll(
                scene.PatchAsync(scene.Ann, movers[i % 4], new { position = aim }), scene.PatchAsync(scene.Bob, movers[(i + 1) % 4], new { position = aim }));
            Assert.All(answers, answer => Known[answer.Expect(200).Json.Id()] = answer.Json.Text("position"));
        }

        var order = await PositionsAsync(scene);
        Assert.Equal(6, order.Distinct().Count());
        Assert.All(order, position => Assert.InRange(position.Length, 1, MaxLength));
    }

    [Fact]
    public async Task A_position_of_any_length_is_taken_for_its_place_and_kept_short()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        var (low, middle, high) = (await scene.CreateTaskAsync(), await scene.CreateTaskAsync(), await scene.CreateTaskAsync());
        (await scene.PatchAsync(scene.Ann, low, new { position = new string('m', 100) })).Expect(200);
        (await scene.PatchAsync(scene.Ann, high, new { position = "n" })).Expect(200);

        var placed = (await scene.PatchAsync(scene.Ann, middle, new { position = new string('m', 5_000) })).Expect(200).Json.Text("position");

        Assert.InRange(placed.Length, 1, MaxLength);
        Assert.True(string.CompareOrdinal(new string('m', 100), placed) < 0 && string.CompareOrdinal(placed, "n") < 0, placed);
        (await scene.PatchAsync(scene.Ann, middle, new { position = new string('m', 20_000) })).Expect(400);
    }

    [Fact]
    public async Task New_tasks_behind_a_position_of_a_client_keep_keys_short_too()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        var created = new List<JsonNode> { await scene.CreateTaskAsync(), await scene.CreateTaskAsync() };
        (await scene.PatchAsync(scene.Ann, created[1], new { position = new string('z', MaxLength - 2) })).Expect(200);
        for (var i = 0; i < 20; i++) created.Add(await scene.CreateTaskAsync());

        var listed = await ListAsync(scene);
        Assert.Equal(created.Select(task => task.Id()), listed.OrderBy(task => task.Text("position"), StringComparer.Ordinal).Select(task => task.Id()));
        Assert.All(listed, task => Assert.InRange(task.Text("position").Length, 1, MaxLength));
        // Neighbours that made room have said so, and numbers have no holes.
        Assert.Equal(listed.Select(task => task.Text("position")), await FollowedAsync(scene, listed));
        Assert.Equal(Enumerable.Range(1, created.Count), listed.Select(task => (int)task.Number("number")).Order());
    }

    [Fact]
    public async Task Room_is_made_at_the_end_while_others_change_the_neighbours()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        var tasks = new List<JsonNode>();
        for (var i = 0; i < 5; i++) tasks.Add(await scene.CreateTaskAsync());
        for (var round = 0; round < 5; round++)
        {
            (await scene.PatchAsync(scene.Ann, tasks[round], new { position = new string('z', MaxLength) })).Expect(200);
            var creations = Enumerable.Range(0, 4).Select(_ => (Task)scene.CreateTaskAsync());
            var changes = tasks.SelectMany(task => Enumerable.Range(0, 4).Select(async number =>
                (await scene.PatchAsync(scene.Bob, task, new { title = $"Round {round}, {number}" })).Expect(200)));
            await Task.WhenAll([.. creations, .. changes]);
        }

        var listed = await ListAsync(scene);
        Assert.Equal(25, listed.Select(task => task.Text("position")).Distinct().Count());
        Assert.All(listed, task => Assert.InRange(task.Text("position").Length, 1, MaxLength));
        Assert.Equal(listed.Select(task => task.Text("position")), await FollowedAsync(scene, listed));
    }

    /// <summary>Where tasks are to somebody who follows the events, which count their versions one by one.</summary>
    private static async Task<IEnumerable<string>> FollowedAsync(TaskScene scene, IEnumerable<JsonNode> tasks)
    {
        var events = (await scene.EventsAsync()).Where(change => change!["taskId"] is not null).ToLookup(change => change.Id("taskId"));
        return tasks.Select(task =>
        {
            Assert.Equal(Enumerable.Range(1, (int)task.Number("version")), events[task.Id()].Select(change => (int)change.Number("version")));
            return events[task.Id()].Last(change => change!["payload"]!["position"] is not null)!["payload"].Text("position");
        });
    }

    private Dictionary<Guid, string> Known { get; } = [];

    /// <summary>The tasks in order: from the server now and then, in between from the answers, as a client would know them.</summary>
    private async Task<List<(Guid Id, string Position)>> OrderAsync(TaskScene scene, int move)
    {
        if (move % 50 == 0)
        {
            foreach (var task in await ListAsync(scene)) Known[task.Id()] = task.Text("position");
            Assert.Equal(Known.Count, Known.Values.Distinct().Count());
        }
        return [.. Known.Select(pair => (pair.Key, pair.Value)).OrderBy(task => task.Value, StringComparer.Ordinal)];
    }

    private static async Task<IReadOnlyList<string>> PositionsAsync(TaskScene scene) => [.. (await ListAsync(scene)).Select(task => task.Text("position"))];

    private static async Task<IReadOnlyList<JsonNode>> ListAsync(TaskScene scene) =>
        [.. (await scene.Ann.Api.GetJsonAsync(scene.ProjectTasksPath + "?limit=200")).Expect(200).Json["data"]!.AsArray().Select(task => task!)];

    /// <summary>What a simple client does: the middle, digit by digit.</summary>
    private static string Between(string low, string high)
    {
        const string digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        for (var key = ""; ;)
        {
            var from = key.Length < low.Length ? digits.IndexOf(low[key.Length]) : 0;
            var to = high.Length > key.Length && high.StartsWith(key, StringComparison.Ordinal) ? digits.IndexOf(high[key.Length]) : digits.Length;
            var middle = (from + to) / 2;
            if (middle > from) return key + digits[middle];
            key += digits[from];
        }
    }
}
