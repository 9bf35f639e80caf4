using System.Text.Json.Nodes;
using TaskFlow.Testing;

namespace TaskFlow.Local.Tests.Dashboard;

/// <summary>The whole system with its dashboard: what a developer sees of one change.</summary>
public sealed class TraceOfAnUpdateTests
{
    [Fact]
    public async Task One_patch_is_one_trace_through_api_sidecars_and_push_and_an_update_on_the_page()
    {
        await using var system = await TaskFlowSystem.StartAsync("--Dashboard:Enabled=true");
        using var dashboard = new HttpClient { BaseAddress = system.DashboardUrl };
        using var ada = await system.RegisterAsync();
        var workspace = await ada.CreateWorkspaceAsync();
        var project = await ada.CreateProjectAsync(workspace);
        await using var connection = await system.ConnectAsync(ada, workspace, Transport.WebSocket, after: await ada.HeadAsync(workspace));
        var task = await ada.CreateTaskAsync(workspace, project);
        await connection.NextAsync("task.created"); // What is still to be published would go in one call with the change, and in its trace.
        await ada.PatchTaskAsync(workspace, task.Id(), new { status = "in_progress" });
        await connection.NextAsync("task.updated");

        JsonNode? trace = null;
        await Deadline.UntilAsync("the trace has arrived as a whole", async () =>
        {
            trace = await FindAsync(dashboard, "fan-out", ("taskflow.event", "task.updated"));
            return trace is not null && Names(trace).IsSupersetOf(
            [
                "api transaction", "api outbox publish", "api-dapr publish workspace-events", "push-dapr deliver workspace-events",
                "push POST /events/workspace", "push fan-out",
                // What libraries would all call by one name has the name of what it does.
                "api BATCH SELECT tasks", "api BATCH UPDATE tasks",
            ]) && new[] { "api PATCH ", "api dapr.proto.runtime.v1.Dapr/" }.All(start => Names(trace).Any(name => name.StartsWith(start, StringComparison.Ordinal)));
        }, cancellationToken: TestContext.Current.CancellationToken);

        var traceId = (string)Spans(trace!).First()["traceId"]!;
        Assert.All(Spans(trace!), span => Assert.Equal(traceId, (string)span["traceId"]!));
        var page = await dashboard.GetStringAsync($"/updates?open={traceId}", TestContext.Current.CancellationToken);
        Assert.Contains("sockets of one instance", page);

        // Health checks, leases and the reads of the heads have been going on all the time: none of them is a trace.
        foreach (var heartbeat in (string[])["@url.full:healthz", "name:/internal/heads", "name:\"INSERT outbox_leases\""])
        {
            var found = await dashboard.GetJsonAsync($"/api/telemetry/spans?search={Uri.EscapeDataString(heartbeat)}");
            Assert.Equal((heartbeat, 0), (heartbeat, (int)found.Expect(200).Json["totalCount"]!));
        }

        // Metrics and logs have come too, and nowhere is anything that opens a door.
        await Deadline.UntilAsync("the time to the sockets is measured", async () =>
            (await dashboard.GetStringAsync("/api/telemetry/metrics?resource=push&search=delivery.duration"))
                .Contains("taskflow.push.delivery.duration", StringComparison.Ordinal),
            cancellationToken: TestContext.Current.CancellationToken);
        foreach (var signal in new[] { "traces?limit=1000", "logs?limit=1000", "metrics" })
        {
            var all = await dashboard.GetStringAsync($"/api/telemetry/{signal}", TestContext.Current.CancellationToken);
            Assert.DoesNotContain("access_token=e", all);
            Assert.DoesNotContain(ada.AccessToken, all);
        }
    }

    /// <summary>The trace of the last change that has such a span.</summary>
    private static async Task<JsonNode?> FindAsync(HttpClient dashboard, string name, (string Key, string Value) attribute)
    {
        var answer = await dashboard.GetJsonAsync($"/api/telemetry/spans?search=name:{name}%20@{attribute.Key}:{attribute.Value}");
        if (answer.Status != 200 || Spans(answer.Json).LastOrDefault() is not { } span) return null;
        return (await dashboard.GetJsonAsync($"/api/telemetry/traces/{span["traceId"]}")).Expect(200).Json;
    }

    private static IEnumerable<JsonNode> Spans(JsonNode answer) => answer["data"]!["resourceSpans"]!.AsArray()
        .SelectMany(resource => resource!["scopeSpans"]!.AsArray()).SelectMany(scope => scope!["spans"]!.AsArray()).Select(span => span!);

    /// <summary>"resource span" for each span.</summary>
    private static HashSet<string> Names(JsonNode answer) => [.. answer["data"]!["resourceSpans"]!.AsArray().SelectMany(resource =>
    {
        var service = (string)resource!["resource"]!["attributes"]!.AsArray()
            .Single(item => (string)item!["key"]! == "service.name")!["value"]!["stringValue"]!;
        return resource["scopeSpans"]!.AsArray().SelectMany(scope => scope!["spans"]!.AsArray()).Select(span => $"{service} {span!["name"]}");
    })];
}
