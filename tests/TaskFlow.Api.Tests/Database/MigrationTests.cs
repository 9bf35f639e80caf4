using System.Text.RegularExpressions;
using TaskFlow.Api.Tests.Outbox;
using TaskFlow.Testing;

namespace TaskFlow.Api.Tests.Database;

/// <summary>What an upgrade relies on: migrations finish whatever happens to the process, and the schema may grow under instances of the version before.</summary>
public sealed partial class MigrationTests(ApiFixture fixture)
{
    private const string ScriptsSql = "select count(*) from schema_versions";

    [Fact]
    public async Task Killed_in_the_middle_of_a_migration_the_next_start_finishes_it()
    {
        await using var database = await OwnDatabase.CreateAsync(fixture);
        await using (var connection = await database.Source.OpenConnectionAsync())
        {
            // A table of that name, not yet committed, holds the third script up until we give way.
            await using var transaction = await connection.BeginTransactionAsync();
            await using (var create = new Npgsql.NpgsqlCommand("create table events (x int)", connection, transaction)) await create.ExecuteNonQueryAsync();
            var killed = await StartAsync(database, untilReady: false);
            await Deadline.UntilAsync("the migration is held up", () =>
                database.ScalarAsync<bool>("select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')"));
            Assert.Equal(2, await database.ScalarAsync<long>(ScriptsSql));
            using (var http = killed.CreateClient()) Assert.Equal(503, (await http.GetJsonAsync("/health")).Status);
            await killed.DisposeAsync(); // kill -9
        }

        await using var next = await StartAsync(database);
        Assert.Equal(Scripts().Count, await database.ScalarAsync<long>(ScriptsSql));
        using var scene = await RelayScene.CreateAsync(next);
        await scene.ChangeAsync(5, parallel: 1);
    }

    [Fact]
    public async Task Instances_that_start_together_run_each_script_once()
    {
        await using var database = await OwnDatabase.CreateAsync(fixture);
        var instances = await Task.WhenAll(StartAsync(database), StartAsync(database));
        Assert.Equal(Scripts().Count, await database.ScalarAsync<long>(ScriptsSql));
        foreach (var instance in instances) await instance.DisposeAsync();
    }

    [Fact]
    public async Task The_schema_may_grow_under_a_running_instance()
    {
        await using var database = await OwnDatabase.CreateAsync(fixture);
        await using var instance = await StartAsync(database);
        using var scene = await RelayScene.CreateAsync(instance);
        // Often enough that every statement is a prepared one, whose plan must survive the change.
        for (var i = 0; i < 6; i++) await UseAsync(scene);

        using var stop = new CancellationTokenSource();
        var use = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested) await UseAsync(scene);
        });
        var tables = await database.ScalarAsync<string[]>(
            "select array_agg(c.relname::text) from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition");
        foreach (var table in tables)
        {
            await database.ExecuteAsync($"alter table {table} add column of_the_next_version text not null default 'x'");
            await database.ExecuteAsync($"create index on {table} (of_the_next_version)");
        }
        await stop.CancelAsync();
        await use;
        for (var i = 0; i < 3; i++) await UseAsync(scene);
    }

    [Fact]
    public void Scripts_only_expand()
    {
        foreach (var (name, sql) in Scripts())
        {
            var statements = Comment().Replace(sql, "");
            var contracting = Contracting().Match(statements);
            Assert.False(contracting.Success, $"{name} says '{contracting.Value}': instances of the version before still use what it takes away. Expand first, contract in a later release.");
        }
    }

    [Theory]
    [InlineData("alter table tasks drop column title")]
    [InlineData("ALTER TABLE tasks\n  RENAME title TO name")]
    [InlineData("drop table tasks")]
    [InlineData("alter table tasks alter column title type varchar(10)")]
    [InlineData("alter table tasks alter title set not null")]
    [InlineData("truncate events")]
    public void The_rule_sees_what_takes_away(string sql) => Assert.Matches(Contracting(), sql);

    /// <summary>Without a constraint, what the version before does is as good as with it.</summary>
    [Theory]
    [InlineData("alter table projects drop constraint projects_workspace_id_fkey")]
    [InlineData("drop trigger workspaces_delete_rows on workspaces")]
    public void The_rule_lets_through_what_takes_nothing_away(string sql) => Assert.DoesNotMatch(Contracting(), sql);

    /// <summary>The requests of a day's work; each must succeed.</summary>
    private static async Task UseAsync(RelayScene scene)
    {
        var (api, workspace) = (scene.User.Api, $"/api/workspaces/{scene.Workspace}");
        await scene.ChangeAsync(3, parallel: 3);
        (await api.PostJsonAsync($"{workspace}/tasks/{scene.Tasks[0]}/comments", new { body = $"Said {Guid.NewGuid():N}" })).Expect(201);
        foreach (var path in (string[])["", "/members", "/projects", "/tasks", $"/tasks/{scene.Tasks[0]}", $"/tasks/{scene.Tasks[0]}/comments", "/snapshot", "/events?limit=20"])
        {
            (await api.GetJsonAsync(workspace + path)).Expect(200);
        }
        (await api.GetJsonAsync("/api/notifications")).Expect(200);
        (await api.GetJsonAsync("/api/auth/me")).Expect(200);
        await scene.User.RefreshAsync();
    }

    private Task<ApiInstance> StartAsync(OwnDatabase database, bool untilReady = true) =>
        ApiInstance.StartAsync(fixture, new Dictionary<string, string> { ["ConnectionStrings:taskflow"] = database.ConnectionString }, untilReady);

    private static List<(string Name, string Sql)> Scripts()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(here.FullName, "TaskFlow.sln"))) here = here.Parent ?? throw new InvalidOperationException("not inside the repository");
        return [.. Directory.GetFiles(Path.Combine(here.FullName, "TaskFlow.Api", "Database", "Migrations"), "*.sql").Order(StringComparer.Ordinal).Select(file => (Path.GetFileName(file), File.ReadAllText(file)))];
    }

    [GeneratedRegex(@"--[^\n]*|/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\b(drop\s+(table|column|view|function|type|schema)|alter\s+table\s+\S+\s+drop\b(?!\s+constraint)|rename\b|truncate\b|alter\s+(column\s+)?\w+\s+(type|set\s+not\s+null)|set\s+data\s+type)", RegexOptions.IgnoreCase)]
    private static partial Regex Contracting();
}
