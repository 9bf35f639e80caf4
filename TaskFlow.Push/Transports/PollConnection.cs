using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using TaskFlow.Contracts;
using TaskFlow.Push.Access;
using TaskFlow.Push.Connections;
using TaskFlow.Push.Presence;
using TaskFlow.Push.Telemetry;
using TaskFlow.Push.WorkspaceLogs;

namespace TaskFlow.Push.Transports;

/// <summary>
/// A long poller between its first poll and 60 s after its last: the cursor comes with each poll, so only presence and the frames for this client
/// alone are kept here. What another instance needs to continue lies in Redis.
/// </summary>
internal sealed class PollConnection(PushServices services, WorkspaceLog log, Caller caller) : Connection(services, log, caller, TransportKind.Poll)
{
    public static readonly TimeSpan Memory = PresenceKeys.Lifetime;
    private const int MaxOwnFrames = 200;
    private readonly List<byte[]> _own = [];
    private Dictionary<Guid, uint> _seen = [];
    private long _presenceTold = -1; // The version of the board that the client has been told all about.
    private TaskCompletionSource? _waiter;
    private ITimer? _patience;
    private TimeSpan _wait;
    private long _begunAt;
    private int _outwaited;
    private CloseReason? _closed;
    private long _seq;
    private int _polls;
    private int _holds;
    private int _restedAt = services.Clock.Seconds;
    private readonly CancellationTokenSource _end = new();

    public override long Seq => _holds > 0 ? Volatile.Read(ref _seq) : Log.Head;

    public override bool IsOpen => _holds > 0;

    /// <summary>Its polls while they repeat themselves past HTTP; null otherwise.</summary>
    public RepeatedPolls? Repeating { get; set; }

    /// <summary>Whether there is something in Redis for another instance.</summary>
    public bool IsSaved { get; set; }

    /// <summary>How many polls it has had; one that finds a higher number than its own was overtaken.</summary>
    private int Polls => Volatile.Read(ref _polls);

    public CloseReason? Closed => _closed;

    /// <summary>Cancelled when it is over; what hangs on it runs on another thread.</summary>
    public CancellationToken Ended => _end.Token;

    /// <summary>Begins a poll that waits so long at most: an older one that is still held is answered at once.</summary>
    public int Begin(Caller shown, long seq, TimeSpan wait)
    {
        lock (this)
        {
            Extend(shown);
            HeardAt = Services.Clock.Seconds;
            _seq = seq;
            _holds++;
            LookLater();
            _begunAt = Services.Clock.Provider.GetTimestamp();
            _wait = wait;
            if (wait > TimeSpan.Zero) StartPatience();
            return ++_polls;
        }
    }

    public void Rest()
    {
        lock (this)
        {
            _holds--;
            _restedAt = Services.Clock.Seconds;
        }
        if (_closed is not null) End();
    }

    /// <summary>Has a held poll notice when its client goes.</summary>
    public CancellationTokenRegistration LeaveWhen(CancellationToken gone) => gone.UnsafeRegister(static self => ((PollConnection)self!).Leave(), this);

    /// <summary>Holds the poll of that turn until there is something to tell its client, it has waited as long as it was to, or it was overtaken.</summary>
    /// <exception cref="OperationCanceledException">The client has gone, as far as that is told by <see cref="LeaveWhen"/> of the same token.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask UntilWorthAnAnswerAsync(ResumePlan plan, int turn, long presenceFrom, CancellationToken gone)
    {
        while (true)
        {
            var next = NextAsync(); // Before looking, so that what comes meanwhile is not missed.
            if (_wait == TimeSpan.Zero || PollAnswer.IsReset(Log, plan) || Log.Head > plan.After || Polls != turn || _closed is not null || Services.Drain.Started || HasOwn(presenceFrom) || HasWaited(turn)) return;
            gone.ThrowIfCancellationRequested();
            await next;
        }
    }

    public override int Touch() => _own.Count + (_waiter is { Task.IsCompleted: true } ? 1 : 0) + (Repeating?.Touch() ?? 0);

    /// <summary>The held poll is answered on this very thread: hundreds of pollers are woken by one event, and a hand-over for each costs more than its answer.</summary>
    public override void Wake()
    {
        if (_holds == 0)
        {
            Repeating?.Look();
            return;
        }
        TaskCompletionSource? waiter;
        lock (this) (waiter, _waiter) = (_waiter, null);
        waiter?.SetResult();
    }

    public override void Send(ReadOnlySpan<byte> json)
    {
        lock (this)
        {
            if (_own.Count == MaxOwnFrames) _own.RemoveAt(0);
            _own.Add(json.ToArray());
            LookLater();
        }
    }

    public override void Close(CloseReason reason)
    {
        lock (this)
        {
            if (_closed is not null) return;
            _closed = reason;
            _own.Add(Frames.Error(reason.ErrorCode, reason.Message, null));
            Services.Telemetry.Closed(Kind, reason.Code);
            LookLater();
            if (_holds > 0) return;
        }
        End();
    }

    public override void Tick(in TickContext tick)
    {
        base.Tick(tick);
        Repeating?.Tick();
        if (_holds == 0 && tick.Seconds - _restedAt >= Memory.TotalSeconds) End();
    }

    /// <summary>Whether there is something for this client besides events.</summary>
    private bool HasOwn(long presenceSeenUpTo)
    {
        lock (this)
        {
            return _own.Count > 0 || (Log.Presence.Version != _presenceTold && News(Log.Presence.Entries).Any(entry => entry.Version > presenceSeenUpTo));
        }
    }

    /// <summary>Writes presence and own frames into an answer, and remembers that they were seen.</summary>
    public void WriteOwn(IBufferWriter<byte> answer)
    {
        lock (this)
        {
            answer.Write(",\"presence\":["u8);
            var first = true;
            var entries = Log.Presence.Entries;
            var version = PresenceBoard.VersionOf(entries);
            foreach (var entry in version != _presenceTold ? News(entries).ToList() : [])
            {
                if (!first) answer.Write(","u8);
                first = false;
                answer.Write(entry.Json);
                if (entry.Viewers.Count > 0) _seen[entry.TaskId] = Hash(entry.Json);
                else _seen.Remove(entry.TaskId);
            }
            _presenceTold = version;
            answer.Write("],\"frames\":["u8);
            for (var i = 0; i < _own.Count; i++)
            {
                if (i > 0) answer.Write(","u8);
                answer.Write(_own[i]);
            }
            answer.Write("]"u8);
            _own.Clear();
        }
    }

    /// <summary>What another instance needs to go on; null when there is nothing worth it.</summary>
    public PollState? Save()
    {
        lock (this)
        {
            var viewing = Viewing is { Count: > 0 } list ? CopyOf(list) : null;
            if (viewing is null && _seen.Count == 0 && _own.Count == 0) return null;
            return new PollState(UserId, Log.Id, viewing ?? [], new Dictionary<Guid, uint>(_seen), _own.ConvertAll(Encoding.UTF8.GetString));
        }
    }

    public void Restore(PollState state)
    {
        lock (this)
        {
            _seen = state.Seen;
            _own.AddRange(state.Frames.ConvertAll(Encoding.UTF8.GetBytes));
        }
    }

    private bool HasWaited(int turn) => Volatile.Read(ref _outwaited) >= turn;

    /// <summary>Completes with the next thing that may concern this client.</summary>
    private Task NextAsync()
    {
        lock (this) return (_waiter ??= new TaskCompletionSource()).Task;
    }

    private void Leave()
    {
        lock (this) LookLater();
    }

    /// <summary>Has the held poll look again, on another thread: callers may hold locks.</summary>
    private void LookLater()
    {
        if (_waiter is not { } waiter) return;
        _waiter = null;
        ThreadPool.UnsafeQueueUserWorkItem(static waiter => waiter.SetResult(), waiter, preferLocal: false);
    }

    /// <summary>One timer for all polls of the client: each starts it anew, and none stops it. When it fires after the last one, nobody minds.</summary>
    private void StartPatience()
    {
        if (_patience is null)
        {
            using var unflowed = ExecutionContext.SuppressFlow(); // It outlives the request.
            _patience = Services.Clock.Provider.CreateTimer(static self => ((PollConnection)self!).Outwait(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
        _patience.Change(_wait, Timeout.InfiniteTimeSpan);
    }

    private void Outwait()
    {
        lock (this)
        {
            // One that was under way when the next poll began is not meant for it; that poll has started the timer anew.
            if (Services.Clock.Provider.GetElapsedTime(_begunAt) < _wait / 2) return;
            _outwaited = _polls;
            LookLater();
        }
    }

    /// <summary>What the client has not been told: what changed, and that nobody is left where the board no longer knows a task.</summary>
    private IEnumerable<PresenceEntry> News(PresenceEntry[] entries)
    {
        var known = 0;
        foreach (var entry in entries)
        {
            var wasTold = _seen.TryGetValue(entry.TaskId, out var hash);
            if (wasTold) known++;
            if (wasTold ? hash != Hash(entry.Json) : entry.Viewers.Count > 0) yield return entry;
        }
        if (known == _seen.Count) yield break;
        foreach (var task in _seen.Keys.Except(entries.Select(entry => entry.TaskId))) yield return new PresenceEntry(task, long.MaxValue, [], 0, 0);
    }

    private void End()
    {
        lock (this)
        {
            if (_end.IsCancellationRequested) return;
            _ = _end.CancelAsync();
            _patience?.Dispose();
        }
        Log.Detach(this);
        Services.Endpoints.Remove(this);
        Services.Sessions.Left(this);
        if (Viewing is not null) _ = Services.Presence.LeftAsync(this);
    }

    private static List<PollViewing> CopyOf(List<Viewing> list)
    {
        lock (list) return list.ConvertAll(viewing => new PollViewing(viewing.TaskId, viewing.Since));
    }

    /// <summary>FNV-1a: the same on every instance.</summary>
    private static uint Hash(ReadOnlySpan<byte> bytes)
    {
        var hash = 2166136261u;
        foreach (var value in bytes) hash = (hash ^ value) * 16777619u;
        return hash;
    }
}
