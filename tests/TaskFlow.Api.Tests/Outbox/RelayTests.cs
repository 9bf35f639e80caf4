using System.Text.Json.Nodes;
using TaskFlow.Api.Tests.Database;
using TaskFlow.Api.Tests.Tasks;
using TaskFlow.Testing;

namespace TaskFlow.Api.Tests.Outbox;

/// <summary>Instances of the API on a database of their own, with a sidecar that keeps what it is given: what is published when, and what after a kill -9.</summary>
public sealed class RelayTests(ApiFixture fixture) : IAsyncLifetime
{
    private OwnDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await OwnDatabase.CreateAsync(fixture);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task In_quiet_operation_every_event_is_published_once_in_order_and_complete()
    {
        await using var sidecar = await RecordingSidecar.StartAsync();
        await using var instance = await StartAsync(sidecar);
        using var scene = await RelayScene.CreateAsync(instance);
        await scene.ChangeAsync(40, parallel: 8);
        var head = await scene.HeadAsync();
        await sidecar.UntilAsync(scene.Workspace, head);

        // Longer than it takes to write down progress, to renew leases and to sweep.
        await Task.Delay(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        await instance.StopAsync();
        await using var next = await StartAsync(sidecar);
        await Task.Delay(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);

        Assert.Equal(Enumerable.Range(1, (int)head).Select(seq => (long)seq), sidecar.Seqs(scene.Workspace));
        Assert.All(sidecar.Events, message => Assert.True((long?)message["internals"]!["committedAtMicros"] > 0));
        // But for what clients never see, it is the event that the feed has.
        var feed = await scene.EventsAsync(next);
        foreach (var (published, read) in sidecar.Events.Zip(feed))
        {
            published.AsObject().Remove("internals");
            Assert.True(JsonNode.DeepEquals(published, read), $"{published}\n{read}");
        }
    }

    [Fact]
    public async Task While_the_sidecar_is_away_writes_go_on_and_everything_follows_in_order()
    {
        await using var sidecar = await RecordingSidecar.StartAsync(isUp: false);
        await using var instance = await StartAsync(sidecar);
        using var scene = await RelayScene.CreateAsync(instance);
        await scene.ChangeAsync(20, parallel: 4);
        Assert.Empty(sidecar.Events);

        await sidecar.ComeUpAsync();

        await AssertAllOnceInOrderAsync(scene, sidecar);
    }

    /// <summary>Where memory and table meet, order is for Push to restore; that nothing is lost or doubled is not.</summary>
    [Fact]
    public async Task What_does_not_fit_in_memory_is_read_from_the_table()
    {
        await using var sidecar = await RecordingSidecar.StartAsync(isUp: false);
        await using var instance = await StartAsync(sidecar, ("Outbox:Capacity", "5"));
        using var scene = await RelayScene.CreateAsync(instance);
        await scene.ChangeAsync(60, parallel: 6);

        await sidecar.ComeUpAsync();
        await scene.ChangeAsync(30, parallel: 3);

        var head = await scene.HeadAsync();
        await sidecar.UntilAsync(scene.Workspace, head);
        Assert.Equal(Enumerable.Range(1, (int)head).Select(seq => (long)seq), sidecar.Seqs(scene.Workspace).Order());

        // Afterwards memory is the way again, and the order strict.
        await scene.ChangeAsync(10, parallel: 2);
        await sidecar.UntilAsync(scene.Workspace, head + 10);
        Assert.Equal(Enumerable.Range(1, 10).Select(i => head + i), sidecar.Seqs(scene.Workspace).Skip((int)head));
    }

    [Fact]
    public async Task More_than_the_sidecar_takes_in_one_call_goes_out_in_several()
    {
        await using var sidecar = await RecordingSidecar.StartAsync(isUp: false);
        await using var instance = await StartAsync(sidecar);
        using var scene = await RelayScene.CreateAsync(instance);
        await scene.WriteMegabytesAsync();

        await sidecar.ComeUpAsync();

        await AssertAllOnceInOrderAsync(scene, sidecar);
    }

    [Fact]
    public async Task What_dead_instances_left_behind_goes_out_in_several_calls_too()
    {
        await using var sidecar = await RecordingSidecar.StartAsync(isUp: false);
        var instance = await StartAsync(sidecar);
        using var scene = await RelayScene.CreateAsync(instance);
        await scene.WriteMegabytesAsync();
        var head = await scene.HeadAsync();
        await instance.DisposeAsync(); // kill -9

        await sidecar.ComeUpAsync();
        await using var next = await StartAsync(sidecar);

        await sidecar.UntilAsync(scene.Workspace, head);
    }

    [Fact]
    public async Task The_largest_event_that_can_be_made_fits_into_one_message()
    {
        await using var sidecar = await RecordingSidecar.StartAsync(isUp: false);
        await using var instance = await StartAsync(sidecar);
        // Everything as long as it may be, of characters of which JSON makes most.
        var name = string.Concat(Enumerable.Repeat("\U0001F600", 100));
        using var scene = await RelayScene.CreateAsync(instance, name);
        await TaskScene.AddNamesakesAsync(_database.Source, scene.Workspace, "Sam", 200);
        var labels = Enumerable.Range(0, 100).Select(i => i.ToString("D3") + string.Concat(Enumerable.Repeat("\U0001F600", 97)));
        await scene.User.PatchTaskAsync(scene.Workspace, scene.Tasks[0], new
        {
            title = string.Concat(Enumerable.Repeat("\U0001F600", 500)),
            description = "@Sam " + new string('\u0001', 32_000),
            labels,
        });
        await scene.ChangeAsync(5, parallel: 1);

        await sidecar.ComeUpAsync();

        await AssertAllOnceInOrderAsync(scene, sidecar);
    }

    [Fact]
    public async Task An_event_that_the_sidecar_does_not_take_holds_up_no_other()
    {
        await using var sidecar = await RecordingSidecar.StartAsync(isUp: false);
        sidecar.MaxMessage = 32 << 10;
        await using var instance = await StartAsync(sidecar);
        using var scene = await RelayScene.CreateAsync(instance);
        await scene.ChangeAsync(50, parallel: 4);
        await scene.User.PatchTaskAsync(scene.Workspace, scene.Tasks[0], new { description = new string('"', 32_000) });
        var large = await scene.HeadAsync();
        await scene.ChangeAsync(50, parallel: 4);
        var head = await scene.HeadAsync();

        await sidecar.ComeUpAsync();

        await sidecar.UntilAsync(scene.Workspace, head - 1);
        Assert.Equal(Enumerable.Range(1, (int)head).Select(seq => (long)seq).Where(seq => seq != large), sidecar.Seqs(scene.Workspace));
        Assert.Contains($"Event {large} of workspace {scene.Workspace}, a task.updated", instance.Output, StringComparison.Ordinal);
        // It counts as done: nobody sweeps it up again.
        await UntilWrittenDownAsync(scene, head);
    }

    [Fact]
    public async Task An_event_over_every_limit_that_a_dead_instance_left_behind_holds_up_no_other()
    {
        await using var sidecar = await RecordingSidecar.StartAsync(isUp: false);
        var instance = await StartAsync(sidecar);
        using var scene = await RelayScene.CreateAsync(instance);
        await scene.ChangeAsync(10, parallel: 1);
        var head = await scene.HeadAsync();
        await instance.DisposeAsync(); // kill -9
        // As a version without the limits could have made it.
        await _database.ExecuteAsync($"update events set payload = json_build_object('title', repeat('x', 5000000)) where workspace_id = '{scene.Workspace}' and seq = 7");

        await sidecar.ComeUpAsync();
        await using var next = await StartAsync(sidecar);

        await sidecar.UntilAsync(scene.Workspace, head - 1);
        Assert.Equal(Enumerable.Range(1, (int)head).Select(seq => (long)seq).Where(seq => seq != 7), sidecar.Seqs(scene.Workspace));
        await UntilWrittenDownAsync(scene, head);
    }

    [Fact]
    public async Task Events_that_the_broker_refuses_are_sent_again()
    {
        await using var sidecar = await RecordingSidecar.StartAsync();
        await using var instance = await StartAsync(sidecar);
        using var scene = await RelayScene.CreateAsync(instance);
        sidecar.Refuse(7);
        await scene.ChangeAsync(40, parallel: 8);

        await sidecar.UntilAsync(scene.Workspace, await scene.HeadAsync());
        Assert.Equal(sidecar.Seqs(scene.Workspace).Count, sidecar.Seqs(scene.Workspace).Distinct().Count());
    }

    [Fact]
    public async Task Killed_after_the_commit_and_before_publishing_the_next_start_publishes()
    {
        await using var sidecar = await RecordingSidecar.StartAsync(isUp: false);
        var instance = await StartAsync(sidecar);
        using var scene = await RelayScene.CreateAsync(instance);
        await scene.ChangeAsync(20, parallel: 4);
        var head = await scene.HeadAsync();
        await instance.DisposeAsync(); // kill -9

        await sidecar.ComeUpAsync();
        await using var next = await StartAsync(sidecar);

        await sidecar.UntilAsync(scene.Workspace, head);
        Assert.Equal(Enumerable.Range(1, (int)head).Select(seq => (long)seq), sidecar.Seqs(scene.Workspace));
    }

    [Fact]
    public async Task Killed_after_the_commit_and_before_publishing_another_instance_publishes()
    {
        await using var down = await RecordingSidecar.StartAsync(isUp: false);
        await using var up = await RecordingSidecar.StartAsync();
        var instance = await StartAsync(down);
        await using var other = await StartAsync(up);
        using var scene = await RelayScene.CreateAsync(instance);
        await scene.ChangeAsync(20, parallel: 4);
        var head = await scene.HeadAsync();
        Assert.Empty(up.Events); // a living instance's events are its own affair

        await instance.DisposeAsync(); // kill -9

        await up.UntilAsync(scene.Workspace, head);
        Assert.Equal(Enumerable.Range(1, (int)head).Select(seq => (long)seq), up.Seqs(scene.Workspace));
    }

    [Fact]
    public async Task What_was_published_long_ago_is_not_read_to_find_what_was_not()
    {
        await using var sidecar = await RecordingSidecar.StartAsync(isUp: false);
        var instance = await StartAsync(sidecar);
        using var scene = await RelayScene.CreateAsync(instance);
        await scene.ChangeAsync(5, parallel: 1);
        var head = await scene.HeadAsync();
        await instance.DisposeAsync(); // kill -9
        await _database.ExecuteAsync("""
            insert into workspaces (id, name, seq, created_at, created_by)
            select ('00000000' || substr(gen_random_uuid()::text, 9))::uuid, 'Old', 30, now(), created_by from workspaces, generate_series(1, 3000);
            insert into outbox_progress (workspace_id, published) select id, '{[1,31)}' from workspaces where name = 'Old';
            insert into events (workspace_id, seq, created_at, type, payload, user_id, user_name, origin)
            select id, n, now(), 'task.updated', '{}', created_by, 'Ada Example', gen_random_uuid() from workspaces, generate_series(1, 30) n where name = 'Old';
            analyze;
            """);
        const string rowsRead = "select coalesce(sum(seq_tup_read + idx_tup_fetch), 0)::bigint from pg_stat_user_tables where relname like 'events\\_%'";
        var before = await _database.ScalarAsync<long>(rowsRead);

        await sidecar.ComeUpAsync();
        await using var next = await StartAsync(sidecar);
        await sidecar.UntilAsync(scene.Workspace, head);

        // A session's statistics are there at the latest when it is over.
        await next.StopAsync();
        await Deadline.UntilAsync("its sessions are over", () => _database.ScalarAsync<bool>("select count(*) = 1 from pg_stat_activity where datname = current_database()"));
        Assert.InRange(await _database.ScalarAsync<long>(rowsRead) - before, 1, 1_000);
    }

    [Fact]
    public async Task Killed_between_publishing_and_writing_that_down_nothing_is_lost()
    {
        await using var sidecar = await RecordingSidecar.StartAsync();
        var instance = await StartAsync(sidecar, ("Outbox:FlushMilliseconds", "60000"));
        using var scene = await RelayScene.CreateAsync(instance);
        await scene.ChangeAsync(10, parallel: 2);
        var head = await scene.HeadAsync();
        await sidecar.UntilAsync(scene.Workspace, head);
        await instance.DisposeAsync(); // kill -9

        await using var next = await StartAsync(sidecar);

        // At least once: nobody wrote down that they were published, so they are published again, and then no more.
        await Deadline.UntilAsync("they are published again", () => Task.FromResult(sidecar.Seqs(scene.Workspace).Count == 2 * head), TimeSpan.FromSeconds(90));
        // The sidecar has them a moment before the instance knows, and is told to stop only when it has written that down.
        await UntilWrittenDownAsync(scene, head);
        await next.StopAsync();
        await using var last = await StartAsync(sidecar);
        await Task.Delay(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        Assert.Equal(2 * head, sidecar.Seqs(scene.Workspace).Count);
    }

    private Task<ApiInstance> StartAsync(RecordingSidecar sidecar, params (string Name, string Value)[] settings) => ApiInstance.StartAsync(fixture,
        new Dictionary<string, string>(settings.Select(setting => KeyValuePair.Create(setting.Name, setting.Value)))
        {
            ["ConnectionStrings:taskflow"] = _database.ConnectionString,
            ["DAPR_GRPC_ENDPOINT"] = sidecar.Address,
            ["DAPR_API_TOKEN"] = "",
            ["Outbox:LeaseSeconds"] = "3",
        });

    private Task UntilWrittenDownAsync(RelayScene scene, long head) => Deadline.UntilAsync("that is written down", () => _database.ScalarAsync<bool>(
        $"select exists (select from outbox_progress where workspace_id = '{scene.Workspace}' and published @> int8range(1, {head}, '[]'))"));

    private static async Task AssertAllOnceInOrderAsync(RelayScene scene, RecordingSidecar sidecar)
    {
        var head = await scene.HeadAsync();
        await sidecar.UntilAsync(scene.Workspace, head);
        Assert.Equal(Enumerable.Range(1, (int)head).Select(seq => (long)seq), sidecar.Seqs(scene.Workspace));
    }
}
