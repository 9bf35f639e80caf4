using System.Text.Json;
using TaskFlow.Contracts;
using TaskFlow.Push.Access;
using TaskFlow.Push.Connections;
using TaskFlow.Push.Transports;

namespace TaskFlow.Push.WorkspaceLogs;

/// <summary>How the log gets what it lacks: the first load, gaps, restarts of history. All reads of the feed are made one at a time.</summary>
internal sealed partial class WorkspaceLog
{
    private const int PageSize = 1_000;

    /// <summary>How much the first load reads before the place that its first client asks for, so that its fellows find theirs in the ring too.</summary>
    private const int LoadSlack = 256;
    private readonly SemaphoreSlim _reading = new(1, 1);
    private Task? _loading;
    private Task? _nextRefresh;
    private bool _repairing;

    /// <summary>Loads the log unless it is. False when there is no such workspace.</summary>
    /// <exception cref="ApiUnavailableException">The Api does not answer.</exception>
    public async ValueTask<bool> EnsureLoadedAsync(long? after, CancellationToken cancellationToken)
    {
        if (!Loaded && !Deleted)
        {
            Task loading;
            lock (_gate) loading = _loading is { IsFaulted: false } ? _loading : _loading = LoadAsync(after);
            await loading.WaitAsync(cancellationToken);
        }
        return Loaded && !Deleted;
    }

    /// <summary>Reads head and members from the Api; the read starts after this call, so what it says is not older. One for all who ask meanwhile.</summary>
    public Task RefreshAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return (_nextRefresh ??= Task.Run(async () =>
            {
                await _reading.WaitAsync();
                try
                {
                    lock (_gate) _nextRefresh = null;
                    await CatchUpAsync(members: true);
                }
                finally { _reading.Release(); }
            })).WaitAsync(cancellationToken);
        }
    }

    /// <summary>The Api knows another history than ours, or an older state of it.</summary>
    public async Task RestartAsync(string reason)
    {
        _services.Logger.Restarting(Id, reason);
        await _reading.WaitAsync();
        try
        {
            var page = await _services.Api.ReadFeedAsync(Id, long.MaxValue, 1, members: true, CancellationToken.None);
            if (page is null) Delete();
            else StartOver(page);
        }
        finally { _reading.Release(); }
    }

    /// <summary>The workspace is gone: so are its connections.</summary>
    public void Delete()
    {
        lock (_gate)
        {
            if (_deleted) return;
            Volatile.Write(ref _deleted, true);
        }
        foreach (var connection in Connections.All()) connection.Close(CloseReason.NotMember);
    }

    private async Task LoadAsync(long? after)
    {
        await Task.Yield();
        await Task.WhenAll(_services.Events.SubscribeAsync(this), _services.Channels.SubscribePresenceAsync(this)); // Before the read, so that nothing falls between the two.
        var from = after is { } asked ? Math.Max(0, asked - LoadSlack) : long.MaxValue;
        var page = await _services.Api.ReadFeedAsync(Id, from, PageSize, members: true, CancellationToken.None);
        if (page is null)
        {
            Delete();
            return;
        }
        StartOver(page);
        // The last page's members were read with its head; event by event they stay right from there.
        await _reading.WaitAsync();
        try { if (page.HasMore) await CatchUpAsync(members: false); }
        finally { _reading.Release(); }
        _ = _services.Presence.LoadAsync(this); // Nobody waits for it: who is connected by then is told.
    }

    /// <summary>Begins the ring with that page (its events, as far as they reach the head without a hole and are not too many), and all cursors anew.</summary>
    private void StartOver(FeedPageText page)
    {
        lock (_gate)
        {
            var events = page.Reset || page.Events.Count == 0 || page.Head - page.Events[^1].Seq > _services.Options.MaxReplay ? [] : page.Events;
            var first = events.Count > 0 ? events[0].Seq : page.Head + 1;
            if (_loaded) Volatile.Write(ref _generation, _generation + 1);
            (Epoch, EpochJson) = (page.Epoch, JsonEncodedText.Encode(page.Epoch));
            _members = (page.Members ?? []).ToDictionary(member => member.UserId);
            _membersSeq = page.Head;
            _apiHead = page.Head;
            _knownHead = 0;
            _lanes.Clear();
            _lanes[Framing.WebSocket] = new Lane(Framing.WebSocket, first);
            _notifications.Clear();
            _ringStarts.Clear();
            _ages.Clear();
            _lastNotificationSeq = 0;
            History.Clear();
            Volatile.Write(ref _head, first - 1);
            foreach (var @event in events) if (@event.Seq == _head + 1) Append(@event).Written(0);
            foreach (var stale in _held.Keys.TakeWhile(seq => seq <= _head).ToList()) _held.Remove(stale);
            while (_held.Remove(_head + 1, out var next)) Append(next).Written(0);
            Volatile.Write(ref _loaded, true); // Before a repair, which is for a loaded log only.
            if (_held.Count > 0)
            {
                _knownHead = _held.Keys.Last();
                StartRepair("gap");
            }
        }
        Connections.Wake();
    }

    private void StartRepair(string reason)
    {
        if (_repairing || !_loaded) return;
        _repairing = true;
        _ = RepairAsync(reason);
    }

    /// <summary>Waits a moment for what is on its way, then reads what is missing, until it is here or the Api says that it does not exist.</summary>
    private async Task RepairAsync(string reason)
    {
        var pause = TimeSpan.FromMilliseconds(_services.Options.GapHoldMilliseconds);
        while (true)
        {
            await Task.Delay(pause, _services.Clock.Provider);
            lock (_gate)
            {
                if (_deleted || _knownHead <= _head)
                {
                    _repairing = false;
                    return;
                }
            }
            await _reading.WaitAsync();
            try
            {
                _services.Telemetry.Repaired(reason);
                await CatchUpAsync(members: false);
                lock (_gate)
                {
                    // What even the Api does not know is no reason to ask on: it stays held, and counts when its turn comes.
                    if (_knownHead > _head) _knownHead = _head;
                }
                if (reason == "beacon") _services.Events.NoteRepair(this);
            }
            catch (Exception error) // Whatever it is, nobody but this would try again.
            {
                _services.Logger.RepairFailed(Id, error);
                pause = TimeSpan.FromMilliseconds(Math.Min(5_000, Math.Max(250, pause.TotalMilliseconds * 2)));
            }
            finally { _reading.Release(); }
        }
    }

    /// <summary>Reads everything behind the head. Only ever one at a time.</summary>
    private async Task CatchUpAsync(bool members)
    {
        while (true)
        {
            var (head, confirmed) = (Head, ApiHead);
            var page = await _services.Api.ReadFeedAsync(Id, head, PageSize, members, CancellationToken.None);
            if (page is null)
            {
                Delete();
                return;
            }
            if (page.Epoch != Epoch || page.Head < confirmed || page.Reset || page.Head - head > _services.Options.MaxReplay)
            {
                StartOver(page.Members is not null && page.Events.Count == 0 ? page
                    : await _services.Api.ReadFeedAsync(Id, long.MaxValue, 1, members: true, CancellationToken.None) ?? throw new ApiUnavailableException("the workspace has just gone"));
                return;
            }
            Apply(page);
            if (!page.HasMore) return;
        }
    }

    private void Apply(FeedPageText page)
    {
        var fanOuts = new List<FanOut>();
        var gone = new List<Guid>();
        lock (_gate)
        {
            foreach (var @event in page.Events) if (@event.Seq == _head + 1) fanOuts.Add(Append(@event));
            while (_held.Count > 0 && _held.Keys.First() <= _head) _held.Remove(_held.Keys.First());
            while (_held.Remove(_head + 1, out var next)) fanOuts.Add(Append(next));
            _apiHead = Math.Max(_apiHead, page.Head);
            if (page.Members is { } members && page.Head >= _membersSeq && page.Head >= _head)
            {
                gone.AddRange(_members.Keys.Except(members.Select(member => member.UserId)));
                _members = members.ToDictionary(member => member.UserId);
                _membersSeq = page.Head;
            }
        }
        _services.Telemetry.Applied(fanOuts.Count);
        if (fanOuts.Count > 0) Connections.Wake(fanOuts, here: false);
        foreach (var user in gone) CloseConnectionsOf(user);
    }
}
