using System.Text.Json.Nodes;
using TaskFlow.Testing;

namespace TaskFlow.Api.Tests.Events;

/// <summary>A workspace as a client keeps it: a snapshot, and the events behind it applied one by one, by nothing but what the contract says of them.</summary>
internal sealed class WorkspaceModel
{
    private readonly JsonNode _workspace;
    private readonly Dictionary<Guid, JsonObject> _members;
    private readonly Dictionary<Guid, JsonObject> _projects;
    private readonly Dictionary<Guid, JsonObject> _tasks;

    public WorkspaceModel(JsonNode snapshot)
    {
        Head = snapshot.Number("head");
        _workspace = snapshot["workspace"]!.DeepClone();
        _members = Index(snapshot["members"]!, "userId");
        _projects = Index(snapshot["projects"]!, "id");
        _tasks = Index(snapshot["tasks"]!, "id");
    }

    public long Head { get; private set; }

    public void Apply(JsonNode change)
    {
        Assert.Equal(Head + 1, change.Number("seq"));
        Head++;
        var payload = change["payload"]!.AsObject();
        switch (change.Text("type"))
        {
            case "workspace.updated":
                Merge(_workspace.AsObject(), payload);
                break;
            case "member.added":
                _members.Add(change.Id("memberId"), Clone(payload));
                break;
            case "member.updated":
                Merge(_members[change.Id("memberId")], payload);
                break;
            case "member.removed":
                Assert.True(_members.Remove(change.Id("memberId")));
                break;
            case "project.created":
                _projects.Add(change.Id("projectId"), Clone(payload));
                break;
            case "project.updated":
                Merge(_projects[change.Id("projectId")], payload, change);
                break;
            case "project.deleted":
                Assert.True(_projects.Remove(change.Id("projectId")));
                break;
            case "task.created":
                Assert.Equal(1, change.Number("version"));
                _tasks.Add(change.Id("taskId"), Clone(payload));
                break;
            case "task.updated":
                var task = _tasks[change.Id("taskId")];
                Assert.Equal(task.Number("version") + 1, change.Number("version"));
                Assert.All(payload, changed => Assert.False(JsonNode.DeepEquals(task[changed.Key], changed.Value), $"{changed.Key} has not changed: {change}"));
                Merge(task, payload, change);
                task["version"] = change.Number("version");
                break;
            case "task.deleted":
                Assert.True(_tasks.Remove(change.Id("taskId"), out var deleted));
                Assert.Equal(deleted.Number("version") + 1, change.Number("version"));
                break;
            default:
                Assert.StartsWith("comment.", change.Text("type"), StringComparison.Ordinal);
                Assert.Contains(change.Id("taskId"), _tasks);
                break;
        }
    }

    /// <summary>Everything but whose eyes it was seen with, in an order of its own, as text.</summary>
    public override string ToString()
    {
        var workspace = Clone(_workspace.AsObject());
        workspace["head"] = Head;
        return new JsonObject
        {
            ["workspace"] = workspace,
            ["members"] = List(_members),
            ["projects"] = List(_projects),
            ["tasks"] = List(_tasks),
        }.ToJsonString(new System.Text.Json.JsonSerializerOptions { WriteIndented = true });
    }

    private static Dictionary<Guid, JsonObject> Index(JsonNode list, string id) => list.AsArray().ToDictionary(item => item.Id(id), item => Clone(item!.AsObject()));

    private static JsonObject Clone(JsonObject item) => item.DeepClone().AsObject();

    private static JsonArray List(Dictionary<Guid, JsonObject> items) => [.. items.OrderBy(item => item.Key).Select(item => (JsonNode)Sorted(item.Value))];

    private static JsonObject Sorted(JsonObject item) => new(item.OrderBy(property => property.Key, StringComparer.Ordinal)
        .Select(property => KeyValuePair.Create(property.Key, property.Value?.DeepClone())));

    private static void Merge(JsonObject target, JsonObject payload, JsonNode? change = null)
    {
        foreach (var (name, value) in payload) target[name] = value?.DeepClone();
        if (change is not null) target["updatedAt"] = change.Text("timestamp");
    }
}
