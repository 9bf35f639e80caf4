using System.Text.Json.Nodes;
using TaskFlow.Testing;

namespace TaskFlow.Browser.Tests;

/// <summary>Two people in a workspace of their own with one project.</summary>
public sealed class Room : IAsyncDisposable
{
    private Room(BrowserFixture fixture, TestUser ada, TestUser bo, Guid workspace, Guid project) =>
        (Fixture, Ada, Bo, Workspace, Project) = (fixture, ada, bo, workspace, project);

    public BrowserFixture Fixture { get; }

    /// <summary>The owner.</summary>
    public TestUser Ada { get; }

    public TestUser Bo { get; }

    public Guid Workspace { get; }

    public Guid Project { get; }

    public static async Task<Room> CreateAsync(BrowserFixture fixture, string roleOfBo = "member")
    {
        await fixture.StartAsync();
        var ada = await fixture.System.RegisterAsync("Ada Lovelace");
        var bo = await fixture.System.RegisterAsync("Bo Hansen");
        var workspace = await ada.CreateWorkspaceAsync("Orbit");
        await ada.AddMemberAsync(workspace, bo, roleOfBo);
        return new Room(fixture, ada, bo, workspace, await ada.CreateProjectAsync(workspace));
    }

    public Task<JsonNode> AddTaskAsync(string title) => Ada.CreateTaskAsync(Workspace, Project, title);

    public Task<Person> OpenAdaAsync() => OpenAsync(Ada);

    public Task<Person> OpenBoAsync() => OpenAsync(Bo);

    public ValueTask DisposeAsync()
    {
        Ada.Dispose();
        Bo.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<Person> OpenAsync(TestUser user)
    {
        var person = await Fixture.OpenAsync(user);
        await person.GoToBoardAsync(Workspace);
        return person;
    }
}
