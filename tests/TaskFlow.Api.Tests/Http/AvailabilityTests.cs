using Npgsql;
using TaskFlow.Testing;

namespace TaskFlow.Api.Tests.Http;

/// <summary>Dependencies that are away, on an instance of its own, so that nobody else notices.</summary>
public sealed class AvailabilityTests(ApiFixture fixture)
{
    [Fact]
    public async Task With_Postgres_away_requests_get_503_and_all_recovers_by_itself()
    {
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        var database = new NpgsqlConnectionStringBuilder(fixture.DatabaseConnection);
        await using var line = new TcpSwitch(database.Host!, database.Port);
        (database.Host, database.Port) = ("127.0.0.1", line.Port);

        // Away already at the start: the instance waits for it.
        line.Cut();
        await using var instance = await ApiInstance.StartAsync(fixture,
            new Dictionary<string, string> { ["ConnectionStrings:taskflow"] = database.ConnectionString }, untilReady: false);
        using var http = instance.CreateClient(owner.AccessToken);
        (await http.GetJsonAsync("/health")).Expect(503);
        Assert.Equal("unavailable", (await http.PostJsonAsync("/api/auth/login", new { email = owner.Email, password = owner.Password })).Expect(503).Code);
        line.Mend();
        await Deadline.UntilAsync("ready", async () => (await http.GetJsonAsync("/health")).Status == 200);
        (await http.GetJsonAsync($"/api/workspaces/{workspace}")).Expect(200);

        // Away in the middle of work.
        line.Cut();
        foreach (var answer in new[]
        {
            await http.GetJsonAsync($"/api/workspaces/{workspace}"),
            await http.PatchJsonAsync($"/api/workspaces/{workspace}", new { name = "Away" }),
            await http.PostJsonAsync("/api/auth/login", new { email = owner.Email, password = owner.Password }),
        })
        {
            Assert.Equal("unavailable", answer.Expect(503).Code);
            Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        }
        await Deadline.UntilAsync("not ready", async () => (await http.GetJsonAsync("/health")).Status == 503);
        (await http.GetJsonAsync("/alive")).Expect(200);

        line.Mend();
        await Deadline.UntilAsync("ready again", async () => (await http.GetJsonAsync("/health")).Status == 200);
        await Deadline.UntilAsync("served again", async () => (await http.PatchJsonAsync($"/api/workspaces/{workspace}", new { name = "Back" })).Status == 200);
    }

    [Fact]
    public async Task While_Postgres_refuses_our_login_requests_get_503_and_the_log_says_why()
    {
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        var role = $"api_{Guid.NewGuid():N}";
        await ExecuteAsync($"create role {role} login superuser password 'first'");
        var database = new NpgsqlConnectionStringBuilder(fixture.DatabaseConnection) { Username = role, Password = "first" };
        await using (var instance = await ApiInstance.StartAsync(fixture, new Dictionary<string, string> { ["ConnectionStrings:taskflow"] = database.ConnectionString }))
        {
            using var http = instance.CreateClient(owner.AccessToken);
            (await http.GetJsonAsync($"/api/workspaces/{workspace}")).Expect(200);

            await ExecuteAsync($"alter role {role} nologin");
            await ExecuteAsync($"select pg_terminate_backend(pid, 10000) from pg_stat_activity where usename = '{role}'");
            for (var number = 0; number < 5; number++)
            {
                Assert.Equal("unavailable", (await http.PatchJsonAsync($"/api/workspaces/{workspace}", new { name = "Refused" })).Expect(503).Code);
            }
            Assert.Contains("Postgres refuses the login", instance.Output);

            await ExecuteAsync($"alter role {role} login");
            await Deadline.UntilAsync("served again", async () => (await http.PatchJsonAsync($"/api/workspaces/{workspace}", new { name = "Back" })).Status == 200);
        }
        await ExecuteAsync($"drop owned by {role}; drop role {role}");

        async Task ExecuteAsync(string sql)
        {
            await using var command = fixture.Database.CreateCommand(sql);
            await command.ExecuteNonQueryAsync();
        }
    }

    [Fact]
    public async Task A_pool_that_runs_dry_answers_503_rather_than_queueing()
    {
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        var database = new NpgsqlConnectionStringBuilder(fixture.DatabaseConnection) { MaxPoolSize = 4 };
        await using var instance = await ApiInstance.StartAsync(fixture, new Dictionary<string, string> { ["ConnectionStrings:taskflow"] = database.ConnectionString });
        using var http = instance.CreateClient(owner.AccessToken);
        (await http.GetJsonAsync($"/api/workspaces/{workspace}")).Expect(200);

        await using var connection = await fixture.Database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("select 1 from workspaces where id = $1 for update", connection) { Parameters = { new() { Value = workspace } } })
        {
            await hold.ExecuteScalarAsync();
        }
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => http.PatchJsonAsync($"/api/workspaces/{workspace}", new { name = $"Dry {number}" })));
        Assert.All(answers, answer =>
        {
            Assert.Equal("unavailable", answer.Expect(503).Code);
            Assert.NotNull(answer.Headers.RetryAfter);
        });
        await transaction.RollbackAsync();
        await Deadline.UntilAsync("served again", async () => (await http.PatchJsonAsync($"/api/workspaces/{workspace}", new { name = "Wet" })).Status == 200);
    }

    [Fact]
    public async Task With_Redis_away_the_API_works_and_says_what_is_degraded()
    {
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        await using var instance = await ApiInstance.StartAsync(fixture, new Dictionary<string, string> { ["ConnectionStrings:redis"] = "127.0.0.1:1" });
        using var http = instance.CreateClient(owner.AccessToken);
        var health = (await http.GetJsonAsync("/health")).Expect(200);
        Assert.Equal(("degraded", "degraded", "healthy"),
            (health.Json.Text("status"), health.Json["checks"]!["redis"].Text("status"), health.Json["checks"]!["postgres"].Text("status")));
        (await http.PatchJsonAsync($"/api/workspaces/{workspace}", new { name = "Without Redis" })).Expect(200);
        (await http.GetJsonAsync($"/api/workspaces/{workspace}/members")).Expect(200);
        (await http.PostJsonAsync("/api/auth/logout", null)).Expect(204);
        (await http.GetJsonAsync("/api/auth/me")).Expect(401);
        // The other instance gets no hint and finds out by itself.
        await Deadline.UntilAsync("the session has ended everywhere", async () => (await owner.Api.GetJsonAsync("/api/auth/me")).Status == 401);
    }
}
