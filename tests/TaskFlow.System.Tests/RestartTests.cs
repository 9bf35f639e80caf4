using TaskFlow.Testing;

namespace TaskFlow.System.Tests;

/// <summary>A push service that is killed and started again, on a system of its own. What dies under load is in TaskFlow.Chaos.Tests.</summary>
public sealed class RestartTests
{
    [Fact]
    public async Task A_client_goes_on_where_it_was_when_push_comes_back()
    {
        await using var system = await TaskFlowSystem.StartAsync();
        using var ada = await system.RegisterAsync("Ada Example");
        var workspace = await ada.CreateWorkspaceAsync();
        var project = await ada.CreateProjectAsync(workspace);
        var task = await ada.CreateTaskAsync(workspace, project);
        var head = await ada.HeadAsync(workspace);
        await using var client = FollowingClient.Start(ada, workspace, () => system.PushUrl, Transport.WebSocket, after: head);
        await ada.PatchTaskAsync(workspace, task.Id(), new { title = "Before" });
        await Deadline.UntilAsync("the first update arrived", () => Task.FromResult(client.Last == head + 1));

        await system.Resources.KillAsync("push");
        await ada.PatchTaskAsync(workspace, task.Id(), new { title = "While it was away" });
        await system.Resources.StartAsync("push");
        await ada.PatchTaskAsync(workspace, task.Id(), new { title = "After" });

        await Deadline.UntilAsync("all three updates arrived", () => Task.FromResult(client.Last == head + 3));
        Assert.Equal([head + 1, head + 2, head + 3], client.Events.Select(item => item.Seq));
        Assert.Equal(0, client.Resets);
    }
}
