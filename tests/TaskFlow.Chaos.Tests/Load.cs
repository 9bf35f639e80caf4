using System.Collections.Concurrent;
using System.Diagnostics;
using TaskFlow.Testing;

namespace TaskFlow.Chaos.Tests;

/// <summary>
/// Steady writers and readers over several workspaces. Each writer keeps one request under way and repeats it with the same Idempotency-Key until it is
/// acknowledged, as a client with an offline queue does; each workspace has readers on all three transports.
/// </summary>
internal sealed class Load : IAsyncDisposable
{
    private readonly TaskFlowSystem _system;
    private readonly int _seed;
    private readonly List<Room> _rooms = [];
    private readonly List<FollowingClient> _readers = [];
    private readonly ConcurrentDictionary<string, Guid> _acknowledged = new();
    private readonly List<TestUser> _users = [];
    private CancellationTokenSource _writing = new();
    private Task _writers = Task.CompletedTask;

    private sealed record Room(Guid Workspace, TestUser Owner, Guid[] Tasks);

    private Load(TaskFlowSystem system, int seed) => (_system, _seed) = (system, seed);

    /// <summary>Makes the workspaces and connects the readers; nothing is written yet.</summary>
    public static async Task<Load> StartAsync(TaskFlowSystem system, int workspaces, int seed)
    {
        var load = new Load(system, seed);
        for (var i = 0; i < workspaces; i++)
        {
            var owner = await system.RegisterAsync($"Writer {i}");
            load._users.Add(owner);
            var workspace = await owner.CreateWorkspaceAsync($"Chaos {i}");
            var project = await owner.CreateProjectAsync(workspace);
            var tasks = new List<Guid>();
            for (var t = 0; t < 3; t++) tasks.Add((await owner.CreateTaskAsync(workspace, project, $"Task {t}")).Id());
            load._rooms.Add(new Room(workspace, owner, [.. tasks]));
            foreach (var transport in Enum.GetValues<Transport>())
            {
                var reader = await system.RegisterAsync($"Reader {transport}");
                load._users.Add(reader);
                await owner.AddMemberAsync(workspace, reader, "guest");
                load._readers.Add(FollowingClient.Start(reader, workspace, () => system.PushUrl, transport, after: 0, seed + load._readers.Count));
            }
        }
        return load;
    }

    /// <summary>Lets the writers write.</summary>
    public void Write()
    {
        _writing = new CancellationTokenSource();
        _writers = Task.WhenAll(_rooms.Select((room, index) => WriteAsync(room, index, _writing.Token)));
    }

    /// <summary>How many writes have been acknowledged in all.</summary>
    public int Acknowledged => _acknowledged.Count;

    /// <summary>Stops the writers, waits until every reader is at its head, and holds each record against the log.</summary>
    /// <param name="since">What happened before (<see cref="Stopwatch"/> ticks) does not count for the gap.</param>
    public async Task<LoadReport> SettleAsync(long since)
    {
        await _writing.CancelAsync();
        await _writers;
        var heads = new Dictionary<Guid, long>();
        var missing = 0;
        foreach (var room in _rooms)
        {
            var log = await ReadLogAsync(room);
            heads[room.Workspace] = log.Head;
            missing += _acknowledged.Count(item => item.Value == room.Workspace && !log.MutationIds.Contains(item.Key));
        }
        var behind = "";
        try
        {
            await Deadline.UntilAsync("every reader reached the head", () => Task.FromResult(_readers.All(reader => reader.Last >= heads[reader.Workspace])), TimeSpan.FromSeconds(90));
        }
        catch (TimeoutException)
        {
            behind = string.Join(", ", _readers.Where(reader => reader.Last < heads[reader.Workspace]).Select(reader => $"{reader.Transport} at {reader.Last} of {heads[reader.Workspace]}"));
        }
        var total = new DeliveryCheck(0, 0, 0, 0);
        var gap = TimeSpan.Zero;
        foreach (var reader in _readers)
        {
            var events = reader.Events;
            total = total.Add(DeliveryCheck.Of([.. events.Select(item => item.Seq)], 0, heads[reader.Workspace]));
            var last = since;
            foreach (var item in events.Where(item => item.At >= since))
            {
                if (Stopwatch.GetElapsedTime(last, item.At) is var elapsed && elapsed > gap) gap = elapsed;
                last = item.At;
            }
        }
        return new LoadReport(Acknowledged, missing, total, gap, _readers.Sum(reader => reader.Connections), _readers.Sum(reader => reader.Resets), behind);
    }

    /// <summary>Waits until every reader has received something newer than now.</summary>
    public async Task<TimeSpan> RecoverAsync()
    {
        var from = Stopwatch.GetTimestamp();
        await Deadline.UntilAsync("every reader receives again",
            () => Task.FromResult(_readers.All(reader => reader.Events is [.., var last] && last.At > from)), TimeSpan.FromSeconds(120));
        return Stopwatch.GetElapsedTime(from);
    }

    public async ValueTask DisposeAsync()
    {
        await _writing.CancelAsync();
        await _writers;
        foreach (var reader in _readers) await reader.DisposeAsync();
        foreach (var user in _users) user.Dispose();
        _writing.Dispose();
    }

    private async Task WriteAsync(Room room, int index, CancellationToken stopping)
    {
        var random = new Random(_seed * 31 + index);
        var count = 0;
        while (!stopping.IsCancellationRequested)
        {
            var key = $"{room.Workspace:N}-{Interlocked.Increment(ref count)}-{Guid.CreateVersion7():N}";
            var task = room.Tasks[random.Next(room.Tasks.Length)];
            var change = new { title = $"Edit {key}" };
            await RepeatUntilAcknowledgedAsync(room, task, change, key);
            try { await Task.Delay(random.Next(15, 45), stopping); }
            catch (OperationCanceledException) { return; }
        }
    }

    /// <summary>Goes on even when the load is told to stop: an unanswered write may have been committed, so its fate must be known.</summary>
    private async Task RepeatUntilAcknowledgedAsync(Room room, Guid task, object change, string key)
    {
        var giveUp = Stopwatch.GetTimestamp() + (long)(TimeSpan.FromSeconds(150).TotalSeconds * Stopwatch.Frequency);
        while (Stopwatch.GetTimestamp() < giveUp)
        {
            try
            {
                using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(10));
                var answer = await room.Owner.Api.SendAsync(HttpMethod.Patch, $"/api/workspaces/{room.Workspace}/tasks/{task}", change, [("Idempotency-Key", key)], timeout.Token);
                switch (answer.Status)
                {
                    case 200:
                        _acknowledged[key] = room.Workspace;
                        return;
                    case 401:
                        await room.Owner.RefreshAsync();
                        break;
                    case not (409 or 429 or 502 or 503 or 504):
                        throw new InvalidOperationException($"a write was answered with {answer.Status}: {answer.Body}");
                }
            }
            catch (Exception error) when (error is HttpRequestException or OperationCanceledException or IOException) { }
            await Task.Delay(100);
        }
        throw new TimeoutException($"the write {key} was not acknowledged within 150 s");
    }

    private static async Task<(long Head, HashSet<string> MutationIds)> ReadLogAsync(Room room)
    {
        var ids = new HashSet<string>();
        var after = 0L;
        while (true)
        {
            var page = (await room.Owner.Api.GetJsonAsync($"/api/workspaces/{room.Workspace}/events?after={after}&limit=1000")).Expect(200).Json;
            foreach (var item in page["events"]!.AsArray())
            {
                if (item.Number("seq") != ++after) throw new InvalidDataException($"the log itself has a gap: {item.Number("seq")} where {after} was due");
                if ((string?)item!["mutationId"] is { } id && !ids.Add(id)) throw new InvalidDataException($"the change {id} was applied twice");
            }
            if (!(bool)page["hasMore"]!) return (after, ids);
        }
    }
}

/// <summary>What a fault did to the load.</summary>
/// <param name="Acknowledged">Writes that were answered with 200.</param>
/// <param name="NotInLog">Acknowledged writes that the log does not hold: must be 0.</param>
/// <param name="Delivery">All readers' records against the log: must be perfect.</param>
/// <param name="LongestGap">The longest time in which some reader received nothing.</param>
/// <param name="Connections">Connections that the readers have opened in all.</param>
/// <param name="Resets">How often a reader was told to load the snapshot: must be 0 here, for nobody was away for long.</param>
/// <param name="Behind">Readers that never reached the head; empty when all did.</param>
internal sealed record LoadReport(int Acknowledged, int NotInLog, DeliveryCheck Delivery, TimeSpan LongestGap, int Connections, int Resets, string Behind)
{
    public bool IsPerfect => NotInLog == 0 && Delivery.IsPerfect && Resets == 0 && Behind.Length == 0;
}
