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

/// <summary>A log's connections, spread over as many shards as there are processors: an event wakes each shard once, and the shards work side by side.</summary>
internal sealed class ConnectionSet
{
    /// <summary>Up to here one thread is quicker than two that have to be woken.</summary>
    private const int OneShardUpTo = 64;
    private readonly ConnectionShard[] _shards;
    private int _count;

    public ConnectionSet(PushTelemetry telemetry, Clock clock)
    {
        _shards = new ConnectionShard[Environment.ProcessorCount];
        for (var i = 0; i < _shards.Length; i++) _shards[i] = new ConnectionShard(telemetry, clock);
    }

    public int Count => Volatile.Read(ref _count);

    public void Add(Connection connection)
    {
        var count = Interlocked.Increment(ref _count);
        _shards[count <= OneShardUpTo ? 0 : count % _shards.Length].Add(connection);
    }

    public void Remove(Connection connection)
    {
        if (connection.Place.Shard?.Remove(connection) == true) Interlocked.Decrement(ref _count);
    }

    /// <summary>Has every connection send what is new. Returns at once: nobody waits for a client here.</summary>
    public void Wake(FanOut? fanOut = null)
    {
        var open = 0;
        foreach (var shard in _shards) if (shard.Count > 0) open++;
        fanOut?.Begin(open + 1);
        foreach (var shard in _shards)
        {
            if (open == 0) break;
            if (shard.Count == 0) continue;
            open--;
            shard.Wake(fanOut);
        }
        for (; open >= 0; open--) fanOut?.Written(0); // This call's own share, and that of a shard that has emptied meanwhile.
    }

    public IEnumerable<Connection> All()
    {
        foreach (var shard in _shards) foreach (var connection in shard.Snapshot()) yield return connection;
    }
}

/// <summary>Connections that one thread at a time serves. While it is busy, what comes is joined into its next round.</summary>
internal sealed class ConnectionShard(PushTelemetry telemetry, Clock clock) : IThreadPoolWorkItem
{
    private const int Idle = 0, Busy = 1, Again = 2;
    private readonly Lock _gate = new();
    private readonly List<Connection> _connections = [];
    private Connection[] _snapshot = [];
    private bool _changed;
    private List<FanOut> _fanOuts = [];
    private List<FanOut> _spare = [];
    private int _state;

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

    public void Wake(FanOut? fanOut)
    {
        if (fanOut is not null) lock (_gate) _fanOuts.Add(fanOut);
        if (Interlocked.Exchange(ref _state, Again) == Idle) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        do
        {
            Volatile.Write(ref _state, Busy);
            Round();
        }
        while (Interlocked.CompareExchange(ref _state, Idle, Busy) != Busy);
    }

    private void Round()
    {
        List<FanOut> fanOuts;
        lock (_gate) (fanOuts, _fanOuts, _spare) = (_fanOuts, _spare, []);
        var connections = Snapshot();
        Span<bool> kinds = stackalloc bool[3];
        foreach (var connection in connections)
        {
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
