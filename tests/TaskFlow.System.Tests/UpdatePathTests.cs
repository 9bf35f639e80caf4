using TaskFlow.Testing;

namespace TaskFlow.System.Tests;

/// <summary>An update's way from the request to other people's connections, through every real part.</summary>
public sealed class UpdatePathTests(SystemFixture fixture)
{
    private readonly TaskFlowSystem _system = fixture.System;

    [Theory]
    [InlineData(Transport.WebSocket)]
    [InlineData(Transport.Sse)]
    [InlineData(Transport.Poll)]
    public async Task A_change_reaches_the_other_person_as_a_numbered_event(Transport transport)
    {
        using var ada = await _system.RegisterAsync("Ada Example");
        using var bob = await _system.RegisterAsync("Bob Example");
        var workspace = await ada.CreateWorkspaceAsync();
        await ada.AddMemberAsync(workspace, bob);
        var project = await ada.CreateProjectAsync(workspace);
        var task = await ada.CreateTaskAsync(workspace, project);
        var head = await ada.HeadAsync(workspace);

        await using var connection = await _system.ConnectAsync(bob, workspace, transport, after: head);
        if (transport is not Transport.Poll) Assert.Equal("live", (await connection.NextAsync("welcome")).Text("resume"));
        await ada.PatchTaskAsync(workspace, task.Id(), new { status = "in_progress" }, ("Idempotency-Key", "move-1"));

        var update = await connection.NextAsync("task.updated");
        Assert.Equal(head + 1, update.Number("seq"));
        Assert.Equal(workspace, update.Id("workspaceId"));
        Assert.Equal(task.Id(), update.Id("taskId"));
        Assert.Equal(project, update.Id("projectId"));
        Assert.Equal(2, update.Number("version"));
        Assert.Equal("in_progress", update["payload"].Text("status"));
        Assert.Null(update["payload"]!["title"]);
        Assert.Equal(ada.Id, update.Id("userId"));
        Assert.Equal("Ada Example", update.Text("userName"));
        Assert.Equal("move-1", update.Text("mutationId"));
        Assert.Null(update["internals"]);
    }

    [Fact]
    public async Task Three_clients_receive_two_hundred_updates_each_once_and_in_order()
    {
        using var ada = await _system.RegisterAsync("Ada Example");
        var workspace = await ada.CreateWorkspaceAsync();
        var project = await ada.CreateProjectAsync(workspace);
        var task = await ada.CreateTaskAsync(workspace, project);
        var head = await ada.HeadAsync(workspace);
        var connections = new List<RealtimeConnection>();
        try
        {
            for (var i = 0; i < 3; i++) connections.Add(await _system.ConnectAsync(ada, workspace, Transport.WebSocket, after: head));
            for (var i = 1; i <= 200; i++) await ada.PatchTaskAsync(workspace, task.Id(), new { title = $"Title {i}" });

            foreach (var connection in connections)
            {
                var events = await connection.EventsUntilAsync(head + 200);
                Assert.Equal(Enumerable.Range(1, 200).Select(i => head + i), events.Select(item => item.Number("seq")));
                Assert.Equal(Enumerable.Range(1, 200).Select(i => $"Title {i}"), events.Select(item => item["payload"].Text("title")));
            }
        }
        finally
        {
            foreach (var connection in connections) await connection.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(Transport.WebSocket)]
    [InlineData(Transport.Sse)]
    public async Task A_client_that_was_away_gets_what_it_missed(Transport transport)
    {
        using var ada = await _system.RegisterAsync("Ada Example");
        var workspace = await ada.CreateWorkspaceAsync();
        var project = await ada.CreateProjectAsync(workspace);
        var task = await ada.CreateTaskAsync(workspace, project);
        var head = await ada.HeadAsync(workspace);
        await using (var first = await _system.ConnectAsync(ada, workspace, transport, after: head)) await first.NextAsync("welcome");
        for (var i = 1; i <= 20; i++) await ada.PatchTaskAsync(workspace, task.Id(), new { title = $"Title {i}" });

        await using var second = await _system.ConnectAsync(ada, workspace, transport, after: head);
        var welcome = await second.NextAsync();
        Assert.Equal("welcome", welcome.Text("type"));
        Assert.Equal("replay", welcome.Text("resume"));
        var events = await second.EventsUntilAsync(head + 20);
        Assert.Equal(Enumerable.Range(1, 20).Select(i => head + i), events.Select(item => item.Number("seq")));
    }

    [Fact]
    public async Task A_mention_reaches_only_the_person_named()
    {
        using var ada = await _system.RegisterAsync("Ada Example");
        using var bob = await _system.RegisterAsync("Bob Mentioned");
        var workspace = await ada.CreateWorkspaceAsync();
        await ada.AddMemberAsync(workspace, bob);
        var task = await ada.CreateTaskAsync(workspace, await ada.CreateProjectAsync(workspace));
        await using var adas = await _system.ConnectAsync(ada, workspace, Transport.WebSocket);
        await using var bobs = await _system.ConnectAsync(bob, workspace, Transport.WebSocket);
        await adas.NextAsync("welcome");
        await bobs.NextAsync("welcome");

        (await ada.Api.PostJsonAsync($"/api/workspaces/{workspace}/tasks/{task.Id()}/comments", new { body = "See this, @Bob Mentioned?" })).Expect(201);

        var notification = (await bobs.NextAsync("notification"))["notification"]!;
        Assert.Equal("mention", notification.Text("kind"));
        Assert.Equal(ada.Id, notification["by"].Id());
        await ada.PatchTaskAsync(workspace, task.Id(), new { title = "A later change" });
        await adas.NextAsync("task.updated");
        Assert.DoesNotContain(adas.Seen, frame => frame.Text("type") == "notification");
    }

    [Fact]
    public async Task Presence_of_one_person_is_shown_to_another_and_ends_when_they_leave()
    {
        using var ada = await _system.RegisterAsync("Ada Example");
        using var bob = await _system.RegisterAsync("Bob Example");
        var workspace = await ada.CreateWorkspaceAsync();
        await ada.AddMemberAsync(workspace, bob);
        var task = (await ada.CreateTaskAsync(workspace, await ada.CreateProjectAsync(workspace))).Id();
        await using var adas = await _system.ConnectAsync(ada, workspace, Transport.WebSocket);
        await using var bobs = await _system.ConnectAsync(bob, workspace, Transport.WebSocket);

        await bobs.SendAsync(new { type = "presence.join", taskId = task });
        var shown = await adas.NextAsync("presence", frame => frame["viewers"]!.AsArray().Count == 1);
        Assert.Equal(bob.Id, shown["viewers"]![0].Id("userId"));
        Assert.Equal("Bob Example", shown["viewers"]![0].Text("name"));
        var read = (await ada.Api.GetJsonAsync($"/api/workspaces/{workspace}/tasks/{task}/presence")).Expect(200).Json;
        Assert.Equal(bob.Id, read["viewers"]![0].Id("userId"));

        await bobs.DisposeAsync();
        await adas.NextAsync("presence", frame => frame["viewers"]!.AsArray().Count == 0, TimeSpan.FromSeconds(20));
    }
}
