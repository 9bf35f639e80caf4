using System.Collections.Concurrent;
using StackExchange.Redis;
using TaskFlow.Contracts;
using TaskFlow.Push.Access;
using TaskFlow.Push.Connections;
using TaskFlow.Push.WorkspaceLogs;

namespace TaskFlow.Push.Presence;

/// <summary>Who is on which task: takes the clients' presence frames, keeps the shared sets, and brings what they say onto the boards of this instance.</summary>
internal sealed class PresenceService(PresenceStore store, ApiClient api, Clock clock)
{
    private const int MaxTasks = 100;
    private const int AnnounceSeconds = 10;
    private const int LoadSeconds = 30;
    private static readonly long Lifetime = (long)PresenceKeys.Lifetime.TotalMilliseconds;
    private readonly ConcurrentDictionary<(WorkspaceLog Log, Guid Task), bool> _refreshing = new();

    public async Task HandleAsync(Connection connection, ClientFrame frame)
    {
        switch (frame.Kind)
        {
            case ClientFrameKind.PresenceJoin:
                await JoinAsync(connection, frame, typing: null);
                break;
            case ClientFrameKind.PresenceTyping when frame.Typing:
                await JoinAsync(connection, frame, typing: true);
                break;
            case ClientFrameKind.PresenceTyping:
                await StopTypingAsync(connection, frame.TaskId);
                break;
            case ClientFrameKind.PresenceLeave:
                await LeaveAsync(connection, frame.TaskId);
                break;
            case ClientFrameKind.PresenceHeartbeat:
                await HeartbeatAsync(connection);
                break;
        }
    }

    /// <summary>The client lives: it is still on all its tasks.</summary>
    public async Task HeartbeatAsync(Connection connection)
    {
        foreach (var viewing in Copy(connection))
        {
            var now = clock.UnixMilliseconds;
            if (now - viewing.HeardAt > Lifetime) viewing.Since = now;
            viewing.HeardAt = now;
            await AnnounceAsync(connection, viewing, typing: null);
        }
    }

    /// <summary>The connection is over.</summary>
    public async Task LeftAsync(Connection connection)
    {
        foreach (var viewing in Copy(connection)) await LeaveAsync(connection, viewing.TaskId);
    }

    /// <summary>Continues a poller's presence that another instance held, so that nobody sees it leave.</summary>
    public async Task ContinueAsync(Connection connection, IEnumerable<Viewing> viewings, string formerConnectionId)
    {
        foreach (var viewing in viewings)
        {
            lock (List(connection)) List(connection).Add(viewing);
            viewing.HeardAt = clock.UnixMilliseconds;
            await AnnounceAsync(connection, viewing, typing: null);
            await store.LeaveAsync(connection.Log.Id, viewing.TaskId, PresenceKeys.Member(connection.UserId, Since(viewing), formerConnectionId));
        }
    }

    /// <summary>Brings every task that somebody is on onto the board.</summary>
    public async Task LoadAsync(WorkspaceLog log)
    {
        foreach (var task in await store.ReadTasksAsync(log.Id)) await RefreshAsync(log, task);
    }

    /// <summary>Looks at those tasks that the board has nothing about.</summary>
    public Task LookAsync(WorkspaceLog log, IEnumerable<Guid> tasks) => Task.WhenAll(tasks.Where(task => log.Presence.Find(task) is null).Select(task => RefreshAsync(log, task)));

    /// <summary>An instance, perhaps this one, changed who is on that task.</summary>
    public void Changed(WorkspaceLog log, RedisValue task)
    {
        if (Guid.TryParse((string?)task, out var id)) _ = RefreshAsync(log, id);
    }

    /// <summary>Called under the log's lock, so it only starts what is to be done.</summary>
    public void TaskDeleted(WorkspaceLog log, Guid task) => ThreadPool.QueueUserWorkItem(async _ =>
    {
        log.ForgetTask(task);
        foreach (var connection in log.Connections.All())
        {
            if (connection.Viewing is { } list) lock (list) list.RemoveAll(viewing => viewing.TaskId == task);
        }
        await store.RemoveTaskAsync(log.Id, task);
        await RefreshAsync(log, task);
    });

    /// <summary>Once a second: what has run out, and now and then everything once more, in case Redis has forgotten it or a message about it was lost.</summary>
    public void Tick(WorkspaceLog log, in TickContext tick)
    {
        var now = clock.UnixMilliseconds;
        foreach (var entry in log.Presence.Entries)
        {
            if (entry.Viewers.Count > 0 && entry.DueAt <= now) _ = RefreshAsync(log, entry.TaskId);
        }
        var shift = log.Id.GetHashCode() & 0xFF;
        if (tick.IsTurn(LoadSeconds, shift)) _ = LoadAsync(log);
        if (!tick.IsTurn(AnnounceSeconds, shift)) return;
        foreach (var connection in log.Connections.All())
        {
            // A poller between two polls may have gone to another instance, which announces it now; here its next poll does.
            if (connection.Viewing is null || !connection.IsOpen) continue;
            foreach (var viewing in Copy(connection))
            {
                if (now - viewing.HeardAt < Lifetime) _ = AnnounceAsync(connection, viewing, typing: null);
            }
        }
    }

    private async Task JoinAsync(Connection connection, ClientFrame frame, bool? typing)
    {
        if (!await ExistsAsync(connection, frame)) return;
        var now = clock.UnixMilliseconds;
        Viewing? viewing;
        var list = List(connection);
        lock (list)
        {
            viewing = list.Find(item => item.TaskId == frame.TaskId);
            if (viewing is null && list.Count < MaxTasks) list.Add(viewing = new Viewing(frame.TaskId, now));
        }
        if (viewing is null)
        {
            connection.Refuse(ErrorCodes.ValidationFailed, $"A connection can be on {MaxTasks} tasks: leave one first.", frame.Ref);
            return;
        }
        // It may have ended while the task was looked up; who ends it looks at the list after that, so one of the two takes it off again.
        if (!connection.IsAttached)
        {
            await LeaveAsync(connection, frame.TaskId);
            return;
        }
        if (now - viewing.HeardAt > Lifetime) viewing.Since = now;
        viewing.HeardAt = now;
        if (typing == true) viewing.TypingAt = now;
        await AnnounceAsync(connection, viewing, typing);
    }

    private async Task StopTypingAsync(Connection connection, Guid task)
    {
        if (Copy(connection).Find(item => item.TaskId == task) is not { } viewing) return;
        viewing.TypingAt = 0;
        viewing.HeardAt = clock.UnixMilliseconds;
        await AnnounceAsync(connection, viewing, typing: false);
    }

    private async Task LeaveAsync(Connection connection, Guid task)
    {
        if (connection.Viewing is not { } list) return;
        Viewing? viewing;
        lock (list)
        {
            viewing = list.Find(item => item.TaskId == task);
            if (viewing is null) return;
            list.Remove(viewing);
        }
        await store.LeaveAsync(connection.Log.Id, task, PresenceKeys.Member(connection.UserId, Since(viewing), connection.PublicId));
        await RefreshAsync(connection.Log, task);
    }

    private async Task AnnounceAsync(Connection connection, Viewing viewing, bool? typing)
    {
        var changed = await store.JoinAsync(connection.Log.Id, PresenceKeys.Member(connection.UserId, Since(viewing), connection.PublicId), viewing, typing);
        // Somebody who left meanwhile must not come back by an announcement that was under way.
        if (connection.Viewing is { } list)
        {
            bool gone;
            lock (list) gone = !list.Contains(viewing);
            if (gone) await store.LeaveAsync(connection.Log.Id, viewing.TaskId, PresenceKeys.Member(connection.UserId, Since(viewing), connection.PublicId));
        }
        if (changed) await RefreshAsync(connection.Log, viewing.TaskId);
    }

    private async Task<bool> ExistsAsync(Connection connection, ClientFrame frame)
    {
        if (connection.Log.KnowsTask(frame.TaskId)) return true;
        try
        {
            if (await api.TaskExistsAsync(connection.Log.Id, frame.TaskId, CancellationToken.None))
            {
                connection.Log.LearnTask(frame.TaskId);
                return true;
            }
            connection.Refuse(ErrorCodes.NotFound, "This task is not in the workspace.", frame.Ref);
        }
        catch (ApiUnavailableException)
        {
            connection.Refuse(ErrorCodes.Unavailable, "The task cannot be looked up just now: try again.", frame.Ref);
        }
        return false;
    }

    /// <summary>Reads who is on a task and shows it. Calls that come while one reads are joined into one more read.</summary>
    private async Task RefreshAsync(WorkspaceLog log, Guid task)
    {
        var key = (log, task);
        if (!_refreshing.TryAdd(key, false))
        {
            _refreshing.TryUpdate(key, true, false);
            if (!_refreshing.TryAdd(key, false)) return;
        }
        while (true)
        {
            if (await store.ReadAsync(log.Id, task) is var (viewers, typing) && Show(log, task, viewers, typing)) log.Connections.Wake();
            if (_refreshing.TryRemove(KeyValuePair.Create(key, false))) return;
            _refreshing[key] = false;
        }
    }

    private bool Show(WorkspaceLog log, Guid task, SortedSetEntry[] viewers, SortedSetEntry[] typing)
    {
        var typists = typing.Select(entry => (string?)entry.Element).ToHashSet();
        var dueAt = viewers.Select(entry => (long)entry.Score + Lifetime)
            .Concat(typing.Select(entry => (long)entry.Score + (long)PresenceKeys.TypingLifetime.TotalMilliseconds)).DefaultIfEmpty(long.MaxValue).Min();
        var people = new Dictionary<Guid, PresenceViewer>();
        foreach (var entry in viewers)
        {
            if (!PresenceKeys.TryParseMember((string?)entry.Element ?? "", out var user, out var since, out _) || log.FindMember(user) is not { } member) continue;
            var known = people.GetValueOrDefault(user);
            people[user] = new PresenceViewer(user, member.Name, known?.Typing == true || typists.Contains((string?)entry.Element), known is not null && known.Since < since ? known.Since : since);
        }
        return log.Presence.Update(task, [.. people.Values.OrderBy(viewer => viewer.Since).ThenBy(viewer => viewer.UserId)], clock.UnixMilliseconds, dueAt + 1);
    }

    private static DateTimeOffset Since(Viewing viewing) => DateTimeOffset.FromUnixTimeMilliseconds(viewing.Since);

    private static List<Viewing> List(Connection connection)
    {
        lock (connection) return connection.Viewing ??= [];
    }

    private static List<Viewing> Copy(Connection connection)
    {
        if (connection.Viewing is not { } list) return [];
        lock (list) return [.. list];
    }
}
