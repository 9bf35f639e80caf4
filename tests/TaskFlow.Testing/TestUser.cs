using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace TaskFlow.Testing;

/// <summary>A registered person with an HTTP client that carries their access token. The helpers make what most tests need first.</summary>
public sealed class TestUser : IDisposable
{
    private TestUser(HttpClient api, JsonNode session, string password)
    {
        Api = api;
        Password = password;
        Id = session["user"].Id();
        Name = session["user"].Text("name");
        Email = session["user"].Text("email");
        UseSession(session);
    }

    public Guid Id { get; }
    public string Name { get; }
    public string Email { get; }
    public string Password { get; }
    public HttpClient Api { get; }
    public string AccessToken { get; private set; } = "";
    public string RefreshToken { get; private set; } = "";

    /// <summary>Registers somebody new.</summary>
    /// <param name="api">A client for the Api; owned by the user from here on.</param>
    /// <param name="name">Their name; a unique e-mail is made from it.</param>
    public static async Task<TestUser> RegisterAsync(HttpClient api, string name = "Ada Example")
    {
        const string password = "correct horse 1";
        var email = $"{new string([.. name.ToLowerInvariant().Where(char.IsAsciiLetterOrDigit)])}-{Guid.CreateVersion7():N}@example.org";
        var answer = (await api.PostJsonAsync("/api/auth/register", new { email, password, name })).Expect(201);
        return new TestUser(api, answer.Json, password);
    }

    /// <summary>Renews the session with the refresh token.</summary>
    public async Task RefreshAsync() => UseSession((await Api.PostJsonAsync("/api/auth/refresh", new { refreshToken = RefreshToken })).Expect(200).Json);

    public async Task<Guid> CreateWorkspaceAsync(string name = "Orbit") =>
        (await Api.PostJsonAsync("/api/workspaces", new { name })).Expect(201).Json.Id();

    public async Task AddMemberAsync(Guid workspace, TestUser other, string role = "member") =>
        (await Api.PostJsonAsync($"/api/workspaces/{workspace}/members", new { email = other.Email, role })).Expect(201);

    public async Task<Guid> CreateProjectAsync(Guid workspace, string key = "WEB", string name = "Website") =>
        (await Api.PostJsonAsync($"/api/workspaces/{workspace}/projects", new { name, key })).Expect(201).Json.Id();

    public async Task<JsonNode> CreateTaskAsync(Guid workspace, Guid project, string title = "Write the release notes") =>
        (await Api.PostJsonAsync($"/api/workspaces/{workspace}/projects/{project}/tasks", new { title })).Expect(201).Json;

    public async Task<JsonNode> PatchTaskAsync(Guid workspace, Guid task, object change, params (string, string)[] headers) =>
        (await Api.PatchJsonAsync($"/api/workspaces/{workspace}/tasks/{task}", change, headers)).Expect(200).Json;

    public async Task<long> HeadAsync(Guid workspace) => (await Api.GetJsonAsync($"/api/workspaces/{workspace}")).Expect(200).Json.Number("head");

    /// <summary>Where the workspace's snapshot stands: its head, and the epoch in which that number means something.</summary>
    public async Task<(long Head, string Epoch)> SnapshotPlaceAsync(Guid workspace)
    {
        var snapshot = (await Api.GetJsonAsync($"/api/workspaces/{workspace}/snapshot")).Expect(200).Json;
        return (snapshot.Number("head"), snapshot.Text("epoch"));
    }

    /// <summary>A token for opening real-time connections to one workspace.</summary>
    public async Task<string> RealtimeTokenAsync(Guid workspace) =>
        (await Api.PostJsonAsync($"/api/workspaces/{workspace}/realtime-token", null)).Expect(200).Json.Text("token");

    public void Dispose() => Api.Dispose();

    private void UseSession(JsonNode session)
    {
        AccessToken = session.Text("accessToken");
        RefreshToken = session.Text("refreshToken");
        Api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", AccessToken);
    }
}
