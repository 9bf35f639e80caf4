using System.Text;
using TaskFlow.Testing;

namespace TaskFlow.Api.Tests.Access;

/// <summary>The contract's roles against every route of a workspace, cell by cell, with expectations written down here and not taken from the code.</summary>
public sealed class RoleMatrixTests(RoleMatrixTests.Cast cast) : IClassFixture<RoleMatrixTests.Cast>
{
    private static readonly string[] Everybody = ["owner", "admin", "member", "guest"];

    /// <summary>Route by route: how it is called, and the roles that may.</summary>
    private static readonly Cell[] Matrix =
    [
        new("GET", "", null, Everybody),
        new("PATCH", "", new { name = "Comet" }, ["owner", "admin"]),
        new("GET", "/snapshot", null, Everybody),
        new("GET", "/events?after=0", null, Everybody),
        new("POST", "/realtime-token", null, Everybody),
        new("GET", "/members", null, Everybody),
        new("POST", "/members", new { email = "{newcomer}", role = "guest" }, ["owner", "admin"]),
        new("PATCH", "/members/{other}", new { role = "guest" }, ["owner", "admin"]),
        new("DELETE", "/members/{other}", null, ["owner", "admin"]),
        new("GET", "/invitations", null, ["owner", "admin"]),
        new("POST", "/invitations", new { role = "guest" }, ["owner", "admin"]),
        new("DELETE", "/invitations/{invitation}", null, ["owner", "admin"]),
        new("GET", "/projects", null, Everybody),
        new("POST", "/projects", new { name = "P", key = "{key}" }, ["owner", "admin"]),
        new("GET", "/projects/{project}", null, Everybody),
        new("PATCH", "/projects/{project}", new { name = "Renamed" }, ["owner", "admin"]),
        new("GET", "/projects/{project}/tasks", null, Everybody),
        new("POST", "/projects/{project}/tasks", new { title = "T" }, ["owner", "admin", "member"]),
        new("GET", "/tasks", null, Everybody),
        new("GET", "/tasks/{task}", null, Everybody),
        new("PATCH", "/tasks/{task}", new { status = "done" }, ["owner", "admin", "member"]),
        new("GET", "/tasks/{task}/activity", null, Everybody),
        new("GET", "/tasks/{task}/presence", null, Everybody),
        new("GET", "/tasks/{task}/comments", null, Everybody),
        new("POST", "/tasks/{task}/comments", new { body = "C" }, ["owner", "admin", "member"]),
        // Somebody else's comment: edited by nobody, deleted by admins and owners.
        new("PATCH", "/tasks/{task}/comments/{comment}", new { body = "D" }, []),
        new("DELETE", "/tasks/{task}/comments/{comment}", null, ["owner", "admin"]),
        new("DELETE", "/tasks/{task}", null, ["owner", "admin", "member"]),
        new("DELETE", "/projects/{project}", null, ["owner", "admin"]),
        new("DELETE", "", null, ["owner"]),
    ];

    public static TheoryData<string, string> Routes => new(Matrix.Select(cell => (cell.Method, cell.Path)));

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task A_route_lets_exactly_its_roles_in(string method, string path)
    {
        var cell = Matrix.Single(cell => cell.Method == method && cell.Path == path);
        var wrong = new List<string>();
        Scene? scene = null;
        foreach (var role in new[] { "anonymous", "stranger", "guest", "member", "admin", "owner" })
        {
            scene ??= await Scene.CreateAsync(cast);
            var answer = await scene.CallAsync(cast.Client(role), cell);
            if (answer.Status < 300 && method != "GET") scene = null; // what was done is done: the next one gets a fresh workspace
            var expected = role switch
            {
                "anonymous" => "401",
                "stranger" => "404",
                _ => cell.Roles.Contains(role) ? "2xx" : "403",
            };
            if ((answer.Status is >= 200 and < 300 ? "2xx" : answer.Status.ToString()) != expected) wrong.Add($"{role}: {answer.Status} instead of {expected} {answer.Body}");
            if (answer.Status >= 400 && answer.Code is null) wrong.Add($"{role}: no problem details");
        }
        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Ids_of_another_workspace_are_not_found()
    {
        var mine = await Scene.CreateAsync(cast);
        var foreign = await Scene.CreateAsync(cast);
        var wrong = new List<string>();
        foreach (var cell in Matrix.Where(cell => cell.Path.Contains('{', StringComparison.Ordinal) && !cell.Path.Contains("{other}", StringComparison.Ordinal)))
        {
            // The caller owns both; only the ids are of the other one.
            var answer = await mine.CallAsync(cast.Client("owner"), cell, foreign);
            if (answer.Status != 404) wrong.Add($"{cell.Method} {cell.Path}: {answer.Status} {answer.Body}");
        }
        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Ones_own_comment_may_be_edited_and_deleted_by_members_only()
    {
        var scene = await Scene.CreateAsync(cast);
        var member = cast.Client("member");
        var comments = $"/api/workspaces/{scene.Workspace}/tasks/{scene.Task}/comments";
        var own = (await member.PostJsonAsync(comments, new { body = "mine" })).Expect(201).Json.Id();
        (await member.PatchJsonAsync($"{comments}/{own}", new { body = "still mine" })).Expect(200);
        (await cast.Client("owner").PatchJsonAsync($"/api/workspaces/{scene.Workspace}/members/{cast.Users["member"].Id}", new { role = "guest" })).Expect(200);
        (await member.PatchJsonAsync($"{comments}/{own}", new { body = "no more" })).Expect(403);
        (await member.DeleteJsonAsync($"{comments}/{own}")).Expect(403);
    }

    /// <summary>One person per role, for all tests: making an account is slow on purpose.</summary>
    public sealed class Cast(ApiFixture fixture) : IAsyncLifetime
    {
        private readonly HttpClient _anonymous = fixture.Anonymous();

        public Dictionary<string, TestUser> Users { get; } = [];

        public async ValueTask InitializeAsync()
        {
            foreach (var role in new[] { "stranger", "guest", "member", "admin", "owner", "other" }) Users[role] = await fixture.RegisterAsync($"The {role}");
        }

        public ValueTask DisposeAsync()
        {
            _anonymous.Dispose();
            foreach (var user in Users.Values) user.Dispose();
            return ValueTask.CompletedTask;
        }

        public HttpClient Client(string role) => role == "anonymous" ? _anonymous : Users[role].Api;
    }

    private sealed record Cell(string Method, string Path, object? Body, string[] Roles);

    /// <summary>A workspace with one of everything, made by its owner; the comment is another member's.</summary>
    private sealed record Scene(Guid Workspace, Guid Project, Guid Task, Guid Comment, Guid Invitation, Guid Other, string Newcomer)
    {
        public static async Task<Scene> CreateAsync(Cast cast)
        {
            var owner = cast.Users["owner"];
            var workspace = await owner.CreateWorkspaceAsync();
            foreach (var role in new[] { "guest", "member", "admin" }) await owner.AddMemberAsync(workspace, cast.Users[role], role);
            await owner.AddMemberAsync(workspace, cast.Users["other"], "member");
            var project = await owner.CreateProjectAsync(workspace);
            var task = (await owner.CreateTaskAsync(workspace, project)).Id();
            return new Scene(workspace, project, task,
                (await cast.Users["other"].Api.PostJsonAsync($"/api/workspaces/{workspace}/tasks/{task}/comments", new { body = "C" })).Expect(201).Json.Id(),
                (await owner.Api.PostJsonAsync($"/api/workspaces/{workspace}/invitations", new { role = "guest" })).Expect(201).Json.Id(),
                cast.Users["other"].Id, cast.Users["stranger"].Email);
        }

        /// <summary>Calls a route of this workspace, with its own ids or another scene's.</summary>
        public Task<ApiResponse> CallAsync(HttpClient http, Cell cell, Scene? ids = null)
        {
            ids ??= this;
            var body = cell.Body is null ? null : Fill(System.Text.Json.JsonSerializer.Serialize(cell.Body), ids);
            return http.SendAsync(new HttpMethod(cell.Method), $"/api/workspaces/{Workspace}{Fill(cell.Path, ids)}", body);
        }

        private static string Fill(string text, Scene ids) => new StringBuilder(text)
            .Replace("{other}", ids.Other.ToString())
            .Replace("{newcomer}", ids.Newcomer)
            .Replace("{invitation}", ids.Invitation.ToString())
            .Replace("{project}", ids.Project.ToString())
            .Replace("{task}", ids.Task.ToString())
            .Replace("{comment}", ids.Comment.ToString())
            .Replace("{key}", "K" + Random.Shared.Next(100, 999))
            .ToString();
    }
}
