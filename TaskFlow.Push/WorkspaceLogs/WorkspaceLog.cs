using System.Diagnostics;
using System.Text.Json;
using TaskFlow.Contracts;
using TaskFlow.Push.Connections;
using TaskFlow.Push.Presence;
using TaskFlow.Push.Telemetry;
using TaskFlow.Push.Transports;

namespace TaskFlow.Push.WorkspaceLogs;

/// <summary>
/// One workspace's log on this instance: the head, the newest events encoded once per wire format, the members, and the connections that read
/// it. Whatever way an event comes (Dapr, Redis, feed), it is applied when its seq is the next one and dropped when it is not newer; what is
/// ahead waits a moment for the missing ones, and then the feed is asked.
/// </summary>
internal sealed partial class WorkspaceLog
{
    private const int MaxHeld = 2_000;
    private const int MaxTasks = 10_000;

    /// <summary>In how many pieces a slow reader takes a segment at most; it may let <see cref="RealtimeOptions.IdleSeconds"/> pass before each.</summary>
    private const int PiecesOfSegment = 5;

    /// <summary>Taken after a connection's lock, never before one.</summary>
    private readonly Lock _gate = new();
    private readonly PushServices _services;
    private readonly SortedDictionary<long, LogEvent> _held = [];
    private readonly Dictionary<Framing, Lane> _lanes = [];
    private readonly NotificationLog _notifications = new();
    private readonly Queue<(int Seconds, long FirstSeq)> _ringStarts = new();
    private readonly Queue<(int Seconds, long Seq)> _ages = new();
    private readonly HashSet<Guid> _tasks = [];
    private Dictionary<Guid, FeedMember> _members = [];
    private long _membersSeq;
    private long _head;
    private long _knownHead;
    private long _apiHead;
    private long _lastNotificationSeq;
    private long _ringStart;
    private int _generation;
    private bool _loaded;
    private bool _deleted;

    public WorkspaceLog(Guid id, PushServices services)
    {
        (Id, _services) = (id, services);
        Connections = new ConnectionSet(services.Telemetry, services.Clock);
        History = new History(this, services);
        Presence = new PresenceBoard();
    }

    public Guid Id { get; }
    public ConnectionSet Connections { get; }
    public History History { get; }
    public PresenceBoard Presence { get; }
    public string Epoch { get; private set; } = "";

    /// <summary>The epoch as it stands in JSON.</summary>
    public JsonEncodedText EpochJson { get; private set; }

    public bool Loaded => Volatile.Read(ref _loaded);
    public bool Deleted => Volatile.Read(ref _deleted);
    public long Head => Volatile.Read(ref _head);

    /// <summary>The newest head that the Api itself has confirmed.</summary>
    public long ApiHead => Volatile.Read(ref _apiHead);

    /// <summary>Counts up whenever history may have been rewritten; cursors of another generation are void.</summary>
    public int Generation => Volatile.Read(ref _generation);

    /// <summary>The newest event that somebody gets a notification for.</summary>
    public long LastNotificationSeq => Volatile.Read(ref _lastNotificationSeq);

    public long RingBytes
    {
        get { lock (_gate) return _lanes.Values.Sum(lane => lane.Bytes + lane.CompressedBytes); }
    }

    public FeedMember? FindMember(Guid user)
    {
        lock (_gate) return _members.GetValueOrDefault(user);
    }

    /// <summary>Takes events, from wherever, and has the connections send what is new.</summary>
    /// <param name="events">The events, in any order.</param>
    /// <param name="here">Whether this thread serves a few of the connections itself; otherwise it returns at once.</param>
    public void Offer(ReadOnlySpan<LogEvent> events, bool here)
    {
        List<FanOut>? fanOuts = null;
        lock (_gate)
        {
            foreach (var @event in events)
            {
                if (_deleted || (_loaded && @event.Seq <= _head)) _services.Telemetry.Duplicate();
                else if (!_loaded || @event.Seq != _head + 1) Hold(@event);
                else
                {
                    (fanOuts ??= new List<FanOut>(events.Length)).Add(Append(@event));
                    while (_held.Count > 0 && _held.Remove(_head + 1, out var next)) fanOuts.Add(Append(next));
                }
            }
        }
        if (fanOuts is null) return;
        _services.Telemetry.Applied(fanOuts.Count);
        Connections.Wake(fanOuts, here);
    }

    /// <summary>Whether an event of that seq would only be dropped: asked before it is read.</summary>
    public bool Knows(long seq) => Loaded && seq <= Head;

    /// <summary>Somebody saw a newer seq than ours: if it is still missing after a moment, the feed is asked.</summary>
    public void NoteHead(long head)
    {
        lock (_gate)
        {
            _apiHead = Math.Max(_apiHead, head);
            if (head <= _knownHead || head <= _head) return;
            _knownHead = head;
            StartRepair("beacon");
        }
    }

    /// <summary>Lets a connection in at the place its plan names; false when the person may not or the workspace is gone.</summary>
    public bool TryAttach(StreamConnection connection)
    {
        lock (_gate)
        {
            if (!_loaded || _deleted || !_members.ContainsKey(connection.UserId)) return false;
            var plan = connection.Plan;
            var mode = plan.Generation != _generation || plan.After > _head ? ResumeModes.Reset : plan.Mode;
            if (mode == ResumeModes.Live && plan.After < _head) mode = ResumeModes.Replay;
            var after = mode == ResumeModes.Reset ? _head : plan.After;
            LanePosition? place = LaneOf(connection.Framing).TrySeek(after, out var found) ? found : null;
            connection.Attached(new LogPosition(after, _head, Epoch, _generation, place), mode);
            Connections.Add(connection);
            return true;
        }
    }

    /// <summary>Lets a held long poll in; it reads by itself.</summary>
    public bool TryAttach(Connection connection)
    {
        lock (_gate)
        {
            if (!_loaded || _deleted || !_members.ContainsKey(connection.UserId)) return false;
            Connections.Add(connection);
            return true;
        }
    }

    public void Detach(Connection connection) => Connections.Remove(connection);

    /// <summary>Hears the workspace's channel of presence.</summary>
    public void PresenceChanged(StackExchange.Redis.RedisChannel channel, StackExchange.Redis.RedisValue task) => _services.Presence.Changed(this, task);

    /// <summary>Whether that task is known to be here; false means that the Api has to be asked.</summary>
    public bool KnowsTask(Guid task)
    {
        lock (_gate) return _tasks.Contains(task);
    }

    public void LearnTask(Guid task)
    {
        lock (_gate) if (_tasks.Count < MaxTasks) _tasks.Add(task);
    }

    public void ForgetTask(Guid task)
    {
        lock (_gate) _tasks.Remove(task);
    }

    /// <summary>A client says that it has applied an event: the way to the browser, measured.</summary>
    public void Acknowledge(Connection connection, long seq)
    {
        if (seq == Volatile.Read(ref _lastCommitSeq) && Volatile.Read(ref _lastCommitMicros) is > 0 and var committed)
            _services.Telemetry.Acknowledged(connection.Kind, Math.Max(0, _services.Clock.UnixMicroseconds - committed) / 1e6);
    }

    private long _lastCommitSeq;
    private long _lastCommitMicros;

    /// <summary>Once a second: drops what is old.</summary>
    public void Trim(int seconds)
    {
        lock (_gate)
        {
            if (!_loaded) return;
            if (_ages.Count == 0 || _ages.Last().Seq < _head) _ages.Enqueue((seconds, _head));
            var oldest = 0L;
            while (_ages.Count > 1 && seconds - _ages.Peek().Seconds > _services.Options.RingSeconds) oldest = _ages.Dequeue().Seq;
            foreach (var lane in _lanes.Values) lane.Trim(_services.Options.RingBytes, oldest + 1);
            TrimNotifications(seconds);
        }
        History.Trim(seconds);
    }

    /// <summary>They stay longer than their events: a slow reader may still be in a segment that was dropped, and is told what belongs to it when it is through.</summary>
    private void TrimNotifications(int seconds)
    {
        var first = _lanes[Framing.WebSocket].FirstSeq;
        if (first != _ringStart) _ringStarts.Enqueue((seconds, _ringStart = first));
        while (_ringStarts.TryPeek(out var start) && seconds - start.Seconds > PiecesOfSegment * _services.Options.IdleSeconds)
        {
            _notifications.Trim(start.FirstSeq);
            _ringStarts.Dequeue();
        }
    }

    private void Hold(LogEvent @event)
    {
        if (_held.Count >= MaxHeld && !_held.ContainsKey(@event.Seq)) _held.Remove(_held.Keys.Last());
        _held[@event.Seq] = @event;
        if (!_loaded) return;
        _knownHead = Math.Max(_knownHead, @event.Seq);
        StartRepair("gap");
    }

    private FanOut Append(LogEvent @event)
    {
        foreach (var lane in _lanes.Values)
        {
            lane.Append(@event.Seq, @event.Json);
            lane.Trim(_services.Options.RingBytes, 0);
        }
        Volatile.Write(ref _head, @event.Seq);
        Volatile.Write(ref _lastCommitMicros, @event.CommittedAtMicros);
        Volatile.Write(ref _lastCommitSeq, @event.Seq);
        foreach (var notification in @event.Notifications) _notifications.Add(@event.Seq, notification);
        if (@event.Notifications.Length > 0) Volatile.Write(ref _lastNotificationSeq, @event.Seq);
        if (@event.Seq > _membersSeq) ApplyToMembers(@event);
        if (@event is { Type: EventTypes.TaskDeleted, TaskId: { } task }) _services.Presence.TaskDeleted(this, task);
        return new FanOut(@event.CommittedAtMicros, StartSpan(@event));
    }

    private void ApplyToMembers(LogEvent @event)
    {
        switch (@event)
        {
            case { Type: EventTypes.MemberAdded, Member: { } added }:
                _members[added.UserId] = added;
                break;
            case { Type: EventTypes.MemberUpdated, Member: { } updated } when _members.TryGetValue(updated.UserId, out var known):
                _members[updated.UserId] = known with { Role = updated.Role, Name = updated.Name.Length > 0 ? updated.Name : known.Name };
                break;
            case { Type: EventTypes.MemberRemoved, MemberId: { } removed } when _members.Remove(removed):
                // Connections are closed outside the lock; the head has moved already, so they cannot come back in between.
                ThreadPool.UnsafeQueueUserWorkItem(static state => state.Log.CloseConnectionsOf(state.User), (Log: this, User: removed), preferLocal: false);
                break;
        }
    }

    private void CloseConnectionsOf(Guid user)
    {
        foreach (var connection in Connections.All()) if (connection.UserId == user) connection.Close(CloseReason.NotMember);
    }

    /// <summary>The span from here to the last write, in the trace of the request that made the change.</summary>
    private Activity? StartSpan(LogEvent @event)
    {
        if (@event.Traceparent is null || !PushTelemetry.Source.HasListeners() || !ActivityContext.TryParse(@event.Traceparent, null, isRemote: true, out var parent)) return null;
        var activity = PushTelemetry.Source.CreateActivity("fan-out", ActivityKind.Consumer, parent);
        if (activity is null) return null;
        activity.SetTag("taskflow.workspace", Id).SetTag("taskflow.seq", @event.Seq).SetTag("taskflow.event", @event.Type).SetTag("taskflow.instance", _services.Instance.Name);
        var before = Activity.Current;
        activity.Start();
        Activity.Current = before;
        return activity;
    }
}
