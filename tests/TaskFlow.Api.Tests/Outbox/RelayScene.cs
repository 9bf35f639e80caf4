using System.Text.Json.Nodes;
using TaskFlow.Testing;

namespace TaskFlow.Api.Tests.Outbox;

/// <summary>A workspace with tasks on an instance of its own.</summary>
internal sealed record RelayScene(TestUser User, Guid Workspace, IReadOnlyList<Guid> Tasks) : IDisposable
{
    public static async Task<RelayScene> CreateAsync(ApiInstance instance, string name = "Rita Relay")
    {
        var user = await TestUser.RegisterAsync(instance.CreateClient(), name);
        var workspace = await user.CreateWorkspaceAsync();
        var project = await user.CreateProjectAsync(workspace);
        var tasks = new List<Guid>();
        for (var i = 0; i < 3; i++) tasks.Add((await user.CreateTaskAsync(workspace, project)).Id());
        return new RelayScene(user, workspace, tasks);
    }

    /// <summary>Changes tasks, several at the same time.</summary>
    public Task ChangeAsync(int count, int parallel) => Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = parallel }, async (i, _) =>
        await User.PatchTaskAsync(Workspace, Tasks[i % Tasks.Count], new { title = $"Change {i} {Guid.NewGuid():N}" }));

    /// <summary>Changes that make 6 MB of events, and fewer of them than go out in one call: descriptions as long as they may be, of what JSON has to escape.</summary>
    public async Task WriteMegabytesAsync()
    {
        for (var i = 0; i < 90; i++) await User.PatchTaskAsync(Workspace, Tasks[i % Tasks.Count], new { description = $"{i} {new string('"', 32_000)}" });
    }

    public Task<long> HeadAsync() => User.HeadAsync(Workspace);

    /// <summary>The whole log, read from another instance.</summary>
    public async Task<JsonArray> EventsAsync(ApiInstance instance)
    {
        using var client = instance.CreateClient(User.AccessToken);
        return (await client.GetJsonAsync($"/api/workspaces/{Workspace}/events?limit=1000")).Expect(200).Json["events"]!.AsArray();
    }

    public void Dispose() => User.Dispose();
}
