using TaskFlow.Api.Tests.Tasks;
using TaskFlow.Testing;

namespace TaskFlow.Api.Tests.Comments;

public sealed class CommentTests(ApiFixture fixture)
{
    [Fact]
    public async Task A_comment_leaves_the_tasks_version_alone_and_its_events_name_it()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        var task = await scene.CreateTaskAsync();
        var path = scene.TaskPath(task) + "/comments";
        var head = await scene.HeadAsync();

        var comment = (await scene.Bob.Api.PostJsonAsync(path, new { body = "First" })).Expect(201).Json;
        (await scene.Bob.Api.PatchJsonAsync($"{path}/{comment.Id()}", new { body = "Second" })).Expect(200);
        (await scene.Bob.Api.PatchJsonAsync($"{path}/{comment.Id()}", new { body = "Second", authorName = "x" })).Expect(200);
        (await scene.Bob.Api.DeleteJsonAsync($"{path}/{comment.Id()}")).Expect(204);

        Assert.Equal((scene.Bob.Id, "Bob Baker"), (comment.Id("authorId"), comment.Text("authorName")));
        Assert.Equal(1, (await scene.TaskAsync(task)).Number("version"));
        var events = await scene.EventsAsync(head);
        Assert.Equal(["comment.created", "comment.updated", "comment.deleted"], events.Select(change => change.Text("type")));
        Assert.Equal(["""{"body":"Second"}""", "{}"], events.Skip(1).Select(change => change!["payload"]!.ToJsonString()));
        Assert.All(events, change => Assert.Equal((comment.Id(), task.Id(), scene.Project), (change.Id("commentId"), change.Id("taskId"), change.Id("projectId"))));
        Assert.All(events, change => Assert.Null(change!["version"]));
    }

    [Fact]
    public async Task One_edits_only_ones_own_and_admins_may_delete_others()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        using var carl = await fixture.AddMemberAsync(scene.Ann, scene.Workspace, "member", "Carl");
        using var guest = await fixture.AddMemberAsync(scene.Ann, scene.Workspace, "guest", "Gus");
        var task = await scene.CreateTaskAsync();
        var path = scene.TaskPath(task) + "/comments";
        var ofBob = (await scene.Bob.Api.PostJsonAsync(path, new { body = "Bob's" })).Expect(201).Json.Id();

        (await carl.Api.PatchJsonAsync($"{path}/{ofBob}", new { body = "x" })).Expect(403);
        (await scene.Ann.Api.PatchJsonAsync($"{path}/{ofBob}", new { body = "x" })).Expect(403);
        (await carl.Api.DeleteJsonAsync($"{path}/{ofBob}")).Expect(403);
        (await guest.Api.PostJsonAsync(path, new { body = "x" })).Expect(403);
        Assert.Single((await guest.Api.GetJsonAsync(path)).Expect(200).Json["data"]!.AsArray());
        (await scene.Ann.Api.DeleteJsonAsync($"{path}/{ofBob}")).Expect(204);
        (await scene.Bob.Api.PatchJsonAsync($"{path}/{ofBob}", new { body = "x" })).Expect(404);
    }

    [Theory]
    [InlineData("""{"body":""}""")]
    [InlineData("""{"body":"  \n "}""")]
    [InlineData("""{"body":null}""")]
    [InlineData("{}")]
    [InlineData("""{"body":7}""")]
    [InlineData("""{"body":"\u0000"}""")]
    public async Task Bad_bodies_are_refused(string body)
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        var task = await scene.CreateTaskAsync();
        Assert.NotNull((await scene.Bob.Api.PostJsonAsync(scene.TaskPath(task) + "/comments", body)).Expect(400).Json["errors"]!["body"]);
    }

    [Fact]
    public async Task Ten_kilobytes_are_the_limit_and_a_comment_belongs_to_its_task_alone()
    {
        using var scene = await TaskScene.CreateAsync(fixture);
        var (task, other) = (await scene.CreateTaskAsync(), await scene.CreateTaskAsync());
        var path = scene.TaskPath(task) + "/comments";
        var comment = (await scene.Bob.Api.PostJsonAsync(path, new { body = new string('ä', 5 * 1024) })).Expect(201).Json.Id();
        (await scene.Bob.Api.PostJsonAsync(path, new { body = new string('ä', 5 * 1024) + "!" })).Expect(400);
        (await scene.Bob.Api.DeleteJsonAsync($"{scene.TaskPath(other)}/comments/{comment}")).Expect(404);
    }
}
