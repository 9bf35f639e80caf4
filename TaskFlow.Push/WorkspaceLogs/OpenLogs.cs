using System.Collections.Concurrent;
using TaskFlow.Push.Connections;

namespace TaskFlow.Push.WorkspaceLogs;

/// <summary>The logs of the workspaces with clients on this instance.</summary>
internal sealed class OpenLogs(PushServices services)
{
    private readonly ConcurrentDictionary<Guid, (WorkspaceLog Log, int UsedAt)> _logs = new();
    private int _tickedAt;

    public IEnumerable<WorkspaceLog> All => _logs.Select(pair => pair.Value.Log);
    public int Count => _logs.Count;

    public WorkspaceLog? Find(Guid workspace) => _logs.TryGetValue(workspace, out var entry) ? entry.Log : null;

    /// <summary>The log of that workspace, loaded; null when there is no such workspace.</summary>
    /// <param name="workspace">The workspace's id.</param>
    /// <param name="after">Where the caller will read on, so that a first load starts there.</param>
    /// <param name="cancellationToken">Ends the wait, not the load.</param>
    /// <exception cref="Access.ApiUnavailableException">It cannot be loaded just now.</exception>
    public async ValueTask<WorkspaceLog?> OpenAsync(Guid workspace, long? after, CancellationToken cancellationToken)
    {
        var now = services.Clock.Seconds;
        // Noted once a second: thousands of pollers ask for the same log in it.
        var log = _logs.TryGetValue(workspace, out var entry) && entry.UsedAt == now ? entry.Log : Use(workspace, now);
        if (await log.EnsureLoadedAsync(after, cancellationToken)) return log;
        Remove(log);
        return null;
    }

    /// <summary>Once a second: everything that is due by time, and logs that nobody has needed for a while go.</summary>
    public void Tick()
    {
        var (seconds, before, idle) = (services.Clock.Seconds, _tickedAt, services.Options.IdleSeconds);
        _tickedAt = seconds;
        foreach (var (workspace, (log, usedAt)) in _logs)
        {
            var tick = new TickContext(seconds, before, idle, new Transports.HeartbeatFrames(log.Head));
            if (log.Connections.Count > 0)
            {
                foreach (var connection in log.Connections.All()) connection.Tick(tick);
                _logs.TryUpdate(workspace, (log, seconds), (log, usedAt));
            }
            else if (log.Deleted || seconds - usedAt > services.Options.IdleLogSeconds)
            {
                if (_logs.TryRemove(KeyValuePair.Create(workspace, (log, usedAt)))) Unsubscribe(log);
                continue;
            }
            if (!log.Loaded) continue;
            log.Trim(seconds);
            services.Presence.Tick(log, tick);
        }
    }

    private WorkspaceLog Use(Guid workspace, int now) =>
        _logs.AddOrUpdate(workspace, id => (new WorkspaceLog(id, services), now), (_, entry) => (entry.Log, now)).Log;

    private void Remove(WorkspaceLog log)
    {
        if (_logs.TryGetValue(log.Id, out var entry) && entry.Log == log && _logs.TryRemove(KeyValuePair.Create(log.Id, entry))) Unsubscribe(log);
    }

    private void Unsubscribe(WorkspaceLog log)
    {
        services.Events.Unsubscribe(log);
        _ = services.Channels.UnsubscribePresenceAsync(log);
    }
}
