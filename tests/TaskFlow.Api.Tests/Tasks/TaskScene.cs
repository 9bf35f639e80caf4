using System.Text.Json.Nodes;
using Npgsql;
using TaskFlow.Testing;

namespace TaskFlow.Api.Tests.Tasks;

/// <summary>A workspace with an owner, a second member and a project: what most tests of tasks begin with.</summary>
public sealed record TaskScene(ApiFixture Fixture, TestUser Ann, TestUser Bob, Guid Workspace, Guid Project) : IDisposable
{
    public static async Task<TaskScene> CreateAsync(ApiFixture fixture)
    {
        var ann = await fixture.RegisterAsync("Ann Archer");
        var workspace = await ann.CreateWorkspaceAsync();
        var bob = await fixture.AddMemberAsync(ann, workspace, "member", "Bob Baker");
        return new TaskScene(fixture, ann, bob, workspace, await ann.CreateProjectAsync(workspace));
    }

    public string WorkspacePath => $"/api/workspaces/{Workspace}";

    public string ProjectTasksPath => $"{WorkspacePath}/projects/{Project}/tasks";

    public string TaskPath(JsonNode task) => $"{WorkspacePath}/tasks/{task.Id()}";

    public async Task<JsonNode> CreateTaskAsync(object? fields = null) => (await Ann.Api.PostJsonAsync(ProjectTasksPath, fields ?? new { title = "Fix the login" })).Expect(201).Json;

    public Task<ApiResponse> PatchAsync(TestUser user, JsonNode task, object change, params (string, string)[] headers) =>
        user.Api.PatchJsonAsync(TaskPath(task), change, headers);

    public async Task<JsonNode> TaskAsync(JsonNode task) => (await Ann.Api.GetJsonAsync(TaskPath(task))).Expect(200).Json;

    /// <summary>The workspace's events behind a position.</summary>
    public async Task<JsonArray> EventsAsync(long after = 0) =>
        (await Ann.Api.GetJsonAsync($"{WorkspacePath}/events?after={after}&limit=1000")).Expect(200).Json["events"]!.AsArray();

    public Task<long> HeadAsync() => Ann.HeadAsync(Workspace);

    /// <summary>More people of one name than a test has time to register, as members who never sign in.</summary>
    public Task AddNamesakesAsync(string name, int count) => AddNamesakesAsync(Fixture.Database, Workspace, name, count);

    /// <inheritdoc cref="AddNamesakesAsync(string, int)"/>
    public static async Task AddNamesakesAsync(NpgsqlDataSource database, Guid workspace, string name, int count)
    {
        await using var command = database.CreateCommand("""
            with people as (
                insert into users (id, email, email_key, name, password_hash)
                select p.id, p.id || '@example.org', p.id || '@example.org', $2, '' from (select gen_random_uuid() as id from generate_series(1, $3)) p
                returning id
            )
            insert into members (workspace_id, user_id, role, joined_at) select $1, id, 'member', now() from people
            """);
        foreach (var value in (object[])[workspace, name, count]) command.Parameters.Add(new NpgsqlParameter { Value = value });
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>A person's notifications, newest first.</summary>
    public static async Task<JsonArray> NotificationsAsync(TestUser user, string query = "") =>
        (await user.Api.GetJsonAsync("/api/notifications" + query)).Expect(200).Json["data"]!.AsArray();

    public void Dispose()
    {
        Ann.Dispose();
        Bob.Dispose();
    }
}
