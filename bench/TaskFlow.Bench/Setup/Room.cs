using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using TaskFlow.Bench.Clients;

namespace TaskFlow.Bench.Setup;

/// <summary>A workspace made for a run through the API: one owner who writes, and enough guests that no one person has too many connections.</summary>
internal sealed class Room : IDisposable
{
    /// <summary>Connections per person: below the server's default limit.</summary>
    private const int ConnectionsPerPerson = 25;

    /// <summary>Rooms with the same owner.</summary>
    public const int RoomsPerPerson = 50;

    private readonly HttpClient _api;
    private readonly BenchOptions _options;
    private readonly List<string> _tokens = [];
    private readonly int _index;
    private int _edits;

    private Room(BenchOptions options, int index)
    {
        (_options, _index) = (options, index);
        _api = new HttpClient { BaseAddress = options.Api };
    }

    public Guid Workspace { get; private set; }

    public Guid Task { get; private set; }

    /// <summary>Makes a workspace whose people can hold that many connections.</summary>
    /// <param name="options">Where the API is.</param>
    /// <param name="index">Which of the run's rooms it is.</param>
    /// <param name="connections">How many connections there will be.</param>
    /// <param name="sameOwner">A room whose owner owns this one too; null for somebody new.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<Room> CreateAsync(BenchOptions options, int index, int connections, Room? sameOwner, CancellationToken cancellationToken)
    {
        var room = new Room(options, index);
        var token = sameOwner?._tokens[0] ?? (await room.RegisterAsync(cancellationToken)).Token;
        room._api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        room._tokens.Add(token);
        room.Workspace = (await room.PostAsync("/api/workspaces", new { name = "Bench" }, cancellationToken)).GetProperty("id").GetGuid();
        var project = (await room.PostAsync($"/api/workspaces/{room.Workspace}/projects", new { name = "Bench", key = "BENCH" }, cancellationToken)).GetProperty("id").GetGuid();
        room.Task = (await room.PostAsync($"/api/workspaces/{room.Workspace}/projects/{project}/tasks", new { title = "Bench" }, cancellationToken)).GetProperty("id").GetGuid();
        for (var people = 1; people * ConnectionsPerPerson < connections; people++)
        {
            var (guest, email) = await room.RegisterAsync(cancellationToken);
            await room.PostAsync($"/api/workspaces/{room.Workspace}/members", new { email, role = "guest" }, cancellationToken);
            room._tokens.Add(guest);
        }
        return room;
    }

    /// <summary>Where the n-th connection goes, and as whom.</summary>
    public Target Target(int index)
    {
        var push = _options.Push[index % _options.Push.Count];
        return new Target(push.Host, push.Port, _index, Workspace, _tokens[index / ConnectionsPerPerson % _tokens.Count]);
    }

    public async Task<long> HeadAsync(CancellationToken cancellationToken) =>
        (await _api.GetFromJsonAsync<JsonElement>($"/api/workspaces/{Workspace}", cancellationToken)).GetProperty("head").GetInt64();

    /// <summary>One accepted change of the room's task: about 300 bytes as an event.</summary>
    public async Task PatchAsync(CancellationToken cancellationToken)
    {
        var title = $"Edit {Interlocked.Increment(ref _edits)} of a task whose title is as long as titles are";
        using var response = await _api.PatchAsJsonAsync($"/api/workspaces/{Workspace}/tasks/{Task}", new { title }, cancellationToken);
        await EnsureAsync(response, cancellationToken);
    }

    public void Dispose() => _api.Dispose();

    private async Task<(string Token, string Email)> RegisterAsync(CancellationToken cancellationToken)
    {
        var email = $"bench-{Guid.CreateVersion7():N}@example.org";
        var session = await PostAsync("/api/auth/register", new { email, password = "bench password 1", name = "Bench" }, cancellationToken);
        return (session.GetProperty("accessToken").GetString()!, email);
    }

    private async Task<JsonElement> PostAsync(string path, object body, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var response = await _api.PostAsJsonAsync(path, body, cancellationToken);
            if ((int)response.StatusCode == 429 && response.Headers.RetryAfter?.Delta is { } delay)
            {
                await System.Threading.Tasks.Task.Delay(delay, cancellationToken);
                continue;
            }
            await EnsureAsync(response, cancellationToken);
            return await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        }
    }

    private static async Task EnsureAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode) return;
        var request = response.RequestMessage!;
        throw new BenchException($"{request.Method} {request.RequestUri!.AbsolutePath} was answered with {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}");
    }
}

/// <summary>A run that cannot go on, said in one sentence.</summary>
internal sealed class BenchException(string message) : Exception(message);
