using Npgsql;
using TaskFlow.Api.Tests.Tasks;
using TaskFlow.Testing;

namespace TaskFlow.Api.Tests.Events;

public sealed class FeedTests(ApiFixture fixture)
{
    [Fact]
    public async Task The_creators_membership_is_event_1_and_pages_follow_in_order()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        for (var i = 0; i < 5; i++) await scene.CreateTaskAsync();
        var head = await scene.HeadAsync();

        var seqs = new List<long>();
        for (var more = true; more;)
        {
            var page = (await scene.Bob.Api.GetJsonAsync($"{scene.WorkspacePath}/events?after={seqs.LastOrDefault()}&limit=3")).Expect(200).Json;
            seqs.AddRange(page["events"]!.AsArray().Select(change => change.Number("seq")));
            Assert.Equal((head, false), (page.Number("head"), (bool)page["reset"]!));
            more = (bool)page["hasMore"]!;
        }
        Assert.Equal(Enumerable.Range(1, (int)head).Select(seq => (long)seq), seqs);

        var first = (await scene.EventsAsync())[0]!;
        Assert.Equal(("member.added", scene.Ann.Id, "owner"), (first.Text("type"), first.Id("memberId"), first["payload"].Text("role")));
        Assert.True(first.AsObject().ContainsKey("mutationId"));
    }

    [Theory]
    [InlineData("after={head}")]
    [InlineData("after=9223372036854775807")]
    public async Task Nothing_is_behind_the_head(string query)
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        var head = await scene.HeadAsync();
        var page = (await scene.Ann.Api.GetJsonAsync($"{scene.WorkspacePath}/events?{query.Replace("{head}", $"{head}", StringComparison.Ordinal)}")).Expect(200).Json;
        Assert.Empty(page["events"]!.AsArray());
        Assert.Equal((head, false, false), (page.Number("head"), (bool)page["hasMore"]!, (bool)page["reset"]!));
    }

    [Theory]
    [InlineData("after=x", "after")]
    [InlineData("after=", "after")]
    [InlineData("after=-1", "after")]
    [InlineData("after=1.5", "after")]
    [InlineData("after=9223372036854775808", "after")]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=1001", "limit")]
    [InlineData("limit=ten", "limit")]
    public async Task What_is_no_number_or_out_of_range_is_refused(string query, string field)
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        var answer = (await scene.Ann.Api.GetJsonAsync($"{scene.WorkspacePath}/events?{query}")).Expect(400);
        Assert.NotNull(answer.Json["errors"]![field]);
    }

    [Fact]
    public async Task Events_too_old_are_dropped_and_who_asks_behind_them_is_told_to_reset()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        var task = await scene.CreateTaskAsync();
        (await scene.PatchAsync(scene.Bob, task, new { title = "Later" })).Expect(200);
        var (head, old) = (await scene.HeadAsync(), await scene.HeadAsync() - 1);
        await using (var age = fixture.Database.CreateCommand("""
            create table if not exists events_2020_01 partition of events for values from ('2020-01-01 00:00:00+00') to ('2020-02-01 00:00:00+00')
            """))
        {
            await age.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            age.CommandText = "update events set created_at = '2020-01-15' where workspace_id = $1 and seq <= $2";
            age.Parameters.Add(new NpgsqlParameter { Value = scene.Workspace });
            age.Parameters.Add(new NpgsqlParameter { Value = old });
            await age.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        await using var instance = await ApiInstance.StartAsync(fixture); // looks after the partitions as it starts
        await Deadline.UntilAsync("old events are dropped", async () =>
            (bool)(await scene.Ann.Api.GetJsonAsync($"{scene.WorkspacePath}/events?after=0")).Expect(200).Json["reset"]!);

        var behind = (await scene.Ann.Api.GetJsonAsync($"{scene.WorkspacePath}/events?after={old - 1}")).Expect(200).Json;
        Assert.Equal((true, 0, false), ((bool)behind["reset"]!, behind["events"]!.AsArray().Count, (bool)behind["hasMore"]!));
        var rest = (await scene.Ann.Api.GetJsonAsync($"{scene.WorkspacePath}/events?after={old}")).Expect(200).Json;
        Assert.Equal((false, head), ((bool)rest["reset"]!, Assert.Single(rest["events"]!.AsArray()).Number("seq")));
        Assert.Single((await scene.Ann.Api.GetJsonAsync(scene.TaskPath(task) + "/activity")).Expect(200).Json["data"]!.AsArray());
    }
}
