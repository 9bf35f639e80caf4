using Npgsql;
using TaskFlow.Api.Tests.Database;
using TaskFlow.Api.Tests.Outbox;
using TaskFlow.Testing;

namespace TaskFlow.Api.Tests.Workspaces;

/// <summary>A deleted workspace is gone at once, however much is in it; what was in it follows, in portions, whatever comes between.</summary>
public sealed class WorkspaceRemovalTests(ApiFixture fixture) : IAsyncLifetime
{
    private OwnDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await OwnDatabase.CreateAsync(fixture);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task It_is_gone_before_its_rows_are()
    {
        await using var instance = await StartAsync();
        using var scene = await FillAsync(instance);
        using var other = await RelayScene.CreateAsync(instance);
        var rows = await RowsAsync(other.Workspace);
        await using (var connection = await _database.Source.OpenConnectionAsync())
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await HoldAnEventAsync(connection, scene.Workspace);

            (await scene.User.Api.DeleteJsonAsync($"/api/workspaces/{scene.Workspace}")).Expect(204);

            foreach (var path in (string[])["", "/snapshot", "/events", "/members", "/tasks", $"/tasks/{scene.Tasks[0]}", "/projects"])
            {
                (await scene.User.Api.GetJsonAsync($"/api/workspaces/{scene.Workspace}{path}")).Expect(404);
            }
            (await scene.User.Api.DeleteJsonAsync($"/api/workspaces/{scene.Workspace}")).Expect(404);
            Assert.Empty((await scene.User.Api.GetJsonAsync("/api/workspaces")).Expect(200).Json["data"]!.AsArray());
            Assert.Empty((await scene.User.Api.GetJsonAsync("/api/notifications")).Expect(200).Json["data"]!.AsArray());
            using var push = instance.CreateClient();
            push.DefaultRequestHeaders.Add("X-Service-Key", "a-service-key-for-this-test-only");
            (await push.GetJsonAsync($"/internal/workspaces/{scene.Workspace}/feed?after=0")).Expect(404);
            (await push.GetJsonAsync($"/internal/workspaces/{scene.Workspace}/tasks/{scene.Tasks[0]}")).Expect(404);
            Assert.NotEqual(0, await RowsAsync(scene.Workspace));
        }

        await UntilRemovedAsync(scene.Workspace);
        Assert.Equal(rows, await RowsAsync(other.Workspace));
    }

    [Fact]
    public async Task What_a_dead_instance_left_of_it_goes_when_the_next_one_starts()
    {
        var instance = await StartAsync();
        using var scene = await FillAsync(instance);
        await using (var connection = await _database.Source.OpenConnectionAsync())
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await HoldAnEventAsync(connection, scene.Workspace);
            (await scene.User.Api.DeleteJsonAsync($"/api/workspaces/{scene.Workspace}")).Expect(204);
            await instance.DisposeAsync(); // kill -9
        }
        Assert.NotEqual(0, await RowsAsync(scene.Workspace));

        await using var next = await StartAsync();
        await using var another = await StartAsync();

        await UntilRemovedAsync(scene.Workspace);
    }

    /// <summary>More of everything than goes in one portion.</summary>
    private async Task<RelayScene> FillAsync(ApiInstance instance)
    {
        var scene = await RelayScene.CreateAsync(instance);
        await scene.ChangeAsync(5, parallel: 1);
        await _database.ExecuteAsync($"""
            update workspaces set seq = seq + 5000 where id = '{scene.Workspace}';
            insert into events (workspace_id, seq, created_at, type, payload, user_id, user_name, origin)
                select '{scene.Workspace}', {await scene.HeadAsync()} + n, now(), 'task.updated', '{EmptyObject}', '{scene.User.Id}', 'Rita Relay', gen_random_uuid() from generate_series(1, 5000) n;
            insert into tasks (id, workspace_id, project_id, key, number, title, description, status, priority, labels, position, version, created_by, created_at, updated_at)
                select gen_random_uuid(), workspace_id, project_id, 'WEB-' || n, n, title, '', status, priority, labels, 'x' || n, 1, created_by, now(), now()
                from tasks, generate_series(100, 350) n where id = '{scene.Tasks[0]}';
            insert into comments (id, workspace_id, task_id, body, author_id, author_name, created_at, updated_at)
                select gen_random_uuid(), workspace_id, id, 'x', created_by, 'Rita Relay', now(), now() from tasks, generate_series(1, 20) where workspace_id = '{scene.Workspace}';
            insert into notifications (id, user_id, workspace_id, task_id, comment_id, kind, text, by_id, by_name, created_at)
                select gen_random_uuid(), author_id, workspace_id, task_id, id, 'mention', 'x', author_id, 'x', now() from comments where workspace_id = '{scene.Workspace}';
            """);
        return scene;
    }

    private const string EmptyObject = "{}";

    /// <summary>So that whoever deletes that one has to wait until the transaction ends.</summary>
    private static async Task HoldAnEventAsync(NpgsqlConnection connection, Guid workspace)
    {
        await using var hold = new NpgsqlCommand("select 1 from events where workspace_id = $1 and seq = 3 for update", connection) { Parameters = { new() { Value = workspace } } };
        await hold.ExecuteScalarAsync();
    }

    private Task UntilRemovedAsync(Guid workspace) => Deadline.UntilAsync("everything that was in it is gone", async () =>
        await RowsAsync(workspace) == 0 && await _database.ScalarAsync<long>("select count(*) from deleted_workspaces") == 0, TimeSpan.FromSeconds(60));

    private Task<long> RowsAsync(Guid workspace) => _database.ScalarAsync<long>(string.Join(" + ", ((string[])
        ["members", "invitations", "projects", "retired_project_keys", "tasks", "comments", "notifications", "events", "outbox_progress"])
        .Select((table, i) => $"{(i == 0 ? "select " : "")}(select count(*) from {table} where workspace_id = '{workspace}')")));

    private Task<ApiInstance> StartAsync() => ApiInstance.StartAsync(fixture, new Dictionary<string, string>
    {
        ["ConnectionStrings:taskflow"] = _database.ConnectionString,
        ["Housekeeping:IntervalSeconds"] = "2",
    });
}
