using System.Text.Json.Nodes;
using TaskFlow.Api.Tests.Tasks;
using TaskFlow.Testing;

namespace TaskFlow.Api.Tests.Events;

/// <summary>One thing after another that somebody may do in a workspace. Refusals are fine: they change nothing either.</summary>
internal sealed class RandomOperations(TaskScene scene)
{
    private readonly List<Guid> _projects = [scene.Project];
    private readonly List<Guid> _tasks = [];
    private readonly List<(Guid Task, Guid Comment)> _comments = [];
    private int _counter;

    public async Task RunAsync(int kind, int which, int value)
    {
        _counter++;
        var user = value % 3 == 0 ? scene.Ann : scene.Bob;
        string[] statuses = ["todo", "in_progress", "in_review", "done"];
        var answer = kind switch
        {
            0 => await scene.Ann.Api.PostJsonAsync($"{scene.WorkspacePath}/projects", new { name = $"P{value}", key = $"P{which % 5}" }),
            1 => await scene.Ann.Api.PatchJsonAsync($"{scene.WorkspacePath}/projects/{Pick(_projects, which)}", new { name = $"Name {value % 3}" }),
            2 when value % 4 == 0 => await scene.Ann.Api.DeleteJsonAsync($"{scene.WorkspacePath}/projects/{Pick(_projects, which)}"),
            3 or 2 or 4 => await user.Api.PostJsonAsync($"{scene.WorkspacePath}/projects/{Pick(_projects, which)}/tasks",
                new { title = $"T{_counter}", description = value % 2 == 0 ? "@Bob Baker" : "", assigneeId = value % 5 == 0 ? scene.Bob.Id : (Guid?)null, labels = new[] { $"l{value % 3}" } }),
            5 => await PatchAsync(user, which, new { title = $"Title {value % 4}", version = 1 }),
            6 => await PatchAsync(user, which, new { status = statuses[value % 4], priority = value % 2 == 0 ? "high" : "none" }),
            7 => await PatchAsync(user, which, new { position = value % 2 == 0 ? "a1" : $"b{value:000}" }),
            8 => await PatchAsync(user, which, new { assigneeId = value % 2 == 0 ? scene.Bob.Id : (Guid?)null, dueOn = value % 3 == 0 ? "2026-01-31" : null }),
            9 => await user.Api.DeleteJsonAsync($"{scene.WorkspacePath}/tasks/{Pick(_tasks, which)}"),
            10 => await user.Api.PostJsonAsync($"{scene.WorkspacePath}/tasks/{Pick(_tasks, which)}/comments", new { body = $"Comment {value} @Ann Archer" }),
            11 when _comments.Count > 0 => await user.Api.PatchJsonAsync(CommentPath(which), new { body = $"Edited {value % 2}" }),
            12 when _comments.Count > 0 => await scene.Ann.Api.DeleteJsonAsync(CommentPath(which)),
            13 => await scene.Ann.Api.PatchJsonAsync($"{scene.WorkspacePath}/members/{scene.Bob.Id}", new { role = value % 2 == 0 ? "guest" : "admin" }),
            _ => await scene.Ann.Api.PatchJsonAsync(scene.WorkspacePath, new { name = $"Workspace {value % 3}" }),
        };
        Assert.True(answer.Status < 500, answer.Body);
        if (answer.Status == 201) Remember(answer.Json);
    }

    private Task<ApiResponse> PatchAsync(TestUser user, int which, object change) => user.Api.PatchJsonAsync($"{scene.WorkspacePath}/tasks/{Pick(_tasks, which)}", change);

    private string CommentPath(int which)
    {
        var (task, comment) = _comments[which % _comments.Count];
        return $"{scene.WorkspacePath}/tasks/{task}/comments/{comment}";
    }

    private void Remember(JsonNode created)
    {
        if (created["taskId"] is not null) _comments.Add((created.Id("taskId"), created.Id()));
        else if (created["number"] is not null) _tasks.Add(created.Id());
        else _projects.Add(created.Id());
    }

    private static Guid Pick(List<Guid> ids, int which) => ids.Count == 0 ? Guid.NewGuid() : ids[which % ids.Count];
}
