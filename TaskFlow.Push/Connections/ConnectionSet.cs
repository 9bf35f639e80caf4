using System.Diagnostics;
using TaskFlow.Push.Telemetry;

namespace TaskFlow.Push.Connections;

/// <summary>One event on its way to the connections of this instance: the span and the measurement end with the last write.</summary>
internal sealed class FanOut(long committedAtMicros, Activity? activity)
{
    private int _open;
    private int _connections;

    public long CommittedAtMicros => committedAtMicros;
    public void Begin(int shards) => _open = shards;

    public void Written(int connections)
    {
        Interlocked.Add(ref _connections, connections);
        if (Interlocked.Decrement(ref _open) != 0 || activity is null) return;
        activity.SetTag("taskflow.connections", _connections);
        activity.Stop();
    }
}

/// <summary>
/// A log's connections in shards: an event wakes each shard once, and the pool's threads take one after the other. There are more shards than processors, since
/// a thread that has to share its processor gets through fewer of them than one that has not.
/// </summary>
internal sealed class ConnectionSet(PushTelemetry telemetry, Clock clock)
{
    /// <summary>
    /// How many one shard takes before there is another. About half a millisecond's work: worth a hand-over to another thread, and little enough for the thread that
    /// brings the events to serve as many itself, though it takes no further ones meanwhile.
    /// </summary>
    public const int ShardSize = 64;
    private static readonly int MaxShards = 4 * Environment.ProcessorCount;
    private readonly Lock _gate = new();
    private ConnectionShard[] _shards = [new(telemetry, clock)];
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public void Add(Connection connection)
    {
        Interlocked.Increment(ref _count);
        lock (_gate)
        {
            // The first ones are filled first, so that in a workspace that has become quiet few shards are left to wake.
            var shard = _shards.FirstOrDefault(shard => shard.Count < ShardSize);
            if (shard is null && _shards.Length < MaxShards) _shards = [.. _shards, shard = new ConnectionShard(telemetry, clock)];
            (shard ?? _shards.MinBy(shard => shard.Count)!).Add(connection);
        }
    }

    public void Remove(Connection connection)
    {
        if (connection.Place.Shard?.Remove(connection) == true) Interlocked.Decrement(ref _count);
    }

    /// <summary>Has every connection send what is new. Returns at once: nobody waits for a client here.</summary>
    public void Wake() => Wake([], here: false);

    /// <summary>The same for events whose spans and measurements end with it.</summary>
    /// <param name="fanOuts">The events.</param>
    /// <param name="here">Whether this thread may serve a small shard itself, which spares an event one hand-over between threads; it must hold no lock.</param>
    public void Wake(IReadOnlyList<FanOut> fanOuts, bool here)
    {
        var shards = Volatile.Read(ref _shards);
        var open = 0;
        foreach (var shard in shards) if (shard.Count > 0) open++;
        foreach (var fanOut in fanOuts) fanOut.Begin(open + 1);
        ConnectionShard? own = null;
        foreach (var shard in shards)
        {
            if (open == 0) break;
            if (shard.Count == 0) continue;
            open--;
            if (here && own is null && shard.Count <= ShardSize) own = shard;
            else shard.Wake(fanOuts);
        }
        own?.Serve(fanOuts); // When the others are on their way.
        for (; open >= 0; open--) foreach (var fanOut in fanOuts) fanOut.Written(0); // This call's own share, and that of a shard that has emptied meanwhile.
    }

    public IEnumerable<Connection> All()
    {
        foreach (var shard in Volatile.Read(ref _shards)) foreach (var connection in shard.Snapshot()) yield return connection;
    }
}

/// <summary>Connections that one thread at a time serves. While it is busy, what comes is joined into its next round.</summary>
internal sealed class ConnectionShard(PushTelemetry telemetry, Clock clock) : IThreadPoolWorkItem
{
    private const int Idle = 0, Busy = 1, Again = 2;

    /// <summary>As many as a processor fetches at a time, and few enough to be still there when their turn comes.</summary>
    public const int TouchedAtOnce = 16;

    [ThreadStatic]
    private static bool Serving;

    private readonly Lock _gate = new();
    private readonly List<Connection> _connections = [];
    private Connection[] _snapshot = [];
    private bool _changed;
    private List<FanOut> _fanOuts = [];
    private List<FanOut> _spare = [];
    private int _state;
    private int _touched;

    /// <summary>Whether this thread is in the middle of a round: others wait for it, so it must do nothing that one client can make long.</summary>
    public static bool IsServing => Serving;

    public int Count => _connections.Count;

    public void Add(Connection connection)
    {
        lock (_gate)
        {
            connection.Place = (this, _connections.Count);
            _connections.Add(connection);
            _changed = true;
        }
    }

    public bool Remove(Connection connection)
    {
        lock (_gate)
        {
            var (shard, index) = connection.Place;
            if (shard != this) return false;
            var last = _connections[^1];
            _connections[index] = last;
            last.Place = (this, index);
            _connections.RemoveAt(_connections.Count - 1);
            connection.Place = default;
            _changed = true;
            if (_connections.Count == 0) _snapshot = [];
            return true;
        }
    }

    public Connection[] Snapshot()
    {
        lock (_gate)
        {
            if (_changed) (_snapshot, _changed) = ([.. _connections], false);
            return _snapshot;
        }
    }

    /// <summary>Has a thread of the pool serve the connections.</summary>
    public void Wake(IReadOnlyList<FanOut> fanOuts)
    {
        if (IsFirst(fanOuts)) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Serves the connections on this thread, unless another one is at it already.</summary>
    public void Serve(IReadOnlyList<FanOut> fanOuts)
    {
        if (IsFirst(fanOuts)) Execute();
    }

    private bool IsFirst(IReadOnlyList<FanOut> fanOuts)
    {
        if (fanOuts.Count > 0) lock (_gate) _fanOuts.AddRange(fanOuts);
        return Interlocked.Exchange(ref _state, Again) == Idle;
    }

    public void Execute()
    {
        Volatile.Write(ref _state, Busy);
        var outer = Serving;
        Serving = true;
        Round();
        Serving = outer;
        // Behind what else is to be done: messages that have just come in are taken first, and join the next round instead of making one more.
        if (Interlocked.CompareExchange(ref _state, Idle, Busy) != Busy) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private void Touch(ReadOnlySpan<Connection> connections)
    {
        foreach (var connection in connections) _touched += connection.Touch();
    }

    private void Round()
    {
        List<FanOut> fanOuts;
        lock (_gate) (fanOuts, _fanOuts, _spare) = (_fanOuts, _spare, []);
        var connections = Snapshot();
        Span<bool> kinds = stackalloc bool[3];
        for (var i = 0; i < connections.Length; i++)
        {
            if (i % TouchedAtOnce == TouchedAtOnce / 2) GivingWay.Once();
            if (i % TouchedAtOnce == 0) Touch(connections.AsSpan(i, Math.Min(TouchedAtOnce, connections.Length - i)));
            var connection = connections[i];
            connection.Wake();
            kinds[(int)connection.Kind] = true;
        }
        if (fanOuts.Count == 0)
        {
            _spare = fanOuts;
            return;
        }
        var now = clock.UnixMicroseconds;
        foreach (var fanOut in fanOuts)
        {
            for (var kind = 0; kind < kinds.Length; kind++)
            {
                if (kinds[kind] && fanOut.CommittedAtMicros > 0) telemetry.Delivered((TransportKind)kind, Math.Max(0, now - fanOut.CommittedAtMicros) / 1e6);
            }
            fanOut.Written(connections.Length);
        }
        fanOuts.Clear();
        _spare = fanOuts;
    }
}
