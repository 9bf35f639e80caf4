using TaskFlow.Contracts;

namespace TaskFlow.Api.Outbox;

/// <summary>
/// What this instance has committed and not yet published, in the order of the seqs of each workspace. Thread-safe. Holds a bounded number: beyond it
/// events are left to the table, from which the lane reads them once it can publish again.
/// </summary>
internal sealed class OutboxQueue(int capacity)
{
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _signal = new(0, 1);
    private Queue<EventMessage> _events = new();
    private HashSet<Guid> _left = [];
    private Dictionary<Guid, long> _publishedUpTo = [];
    private bool _overflowed;

    /// <summary>Whether events were left to the table.</summary>
    public bool HasOverflowed
    {
        get { lock (_lock) return _overflowed; }
    }

    /// <summary>How many events are held.</summary>
    public int Count
    {
        get { lock (_lock) return _events.Count; }
    }

    /// <summary>Takes an event that was committed.</summary>
    public void Add(EventMessage message)
    {
        lock (_lock)
        {
            // Read from the table and published before its writer had heard that it is committed.
            if (_publishedUpTo.TryGetValue(message.WorkspaceId, out var seq) && message.Seq <= seq) return;
            if (_overflowed || _events.Count >= capacity) LeaveToTable(message.WorkspaceId);
            else _events.Enqueue(message);
        }
        Wake();
    }

    /// <summary>Nobody knows what became of a change of that workspace: the table does.</summary>
    public void Doubt(Guid workspaceId)
    {
        lock (_lock) LeaveToTable(workspaceId);
        Wake();
    }

    /// <summary>Waits until there may be something to do.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => _signal.WaitAsync(cancellationToken);

    /// <summary>Moves up to <paramref name="limit"/> events to <paramref name="batch"/>, in order.</summary>
    public void Take(List<EventMessage> batch, int limit)
    {
        lock (_lock)
        {
            while (batch.Count < limit && _events.TryDequeue(out var message)) batch.Add(message);
        }
    }

    /// <summary>
    /// Ends the overflow and returns the workspaces of which events were left to the table. What is committed from now on is held here again, so whoever
    /// reads the table must call <see cref="Forget"/> for what they found there.
    /// </summary>
    public IReadOnlyCollection<Guid> BeginCatchUp()
    {
        lock (_lock)
        {
            var left = _left;
            (_left, _overflowed, _publishedUpTo) = ([], false, []);
            return left;
        }
    }

    /// <summary>
    /// Drops events that are about to be published from the table: of each workspace everything up to the newest of them, since the order of seqs is that
    /// of commits. It counts for what is yet to come here too.
    /// </summary>
    public void Forget(IReadOnlyList<EventMessage> published)
    {
        lock (_lock)
        {
            foreach (var message in published)
            {
                if (_publishedUpTo.GetValueOrDefault(message.WorkspaceId) < message.Seq) _publishedUpTo[message.WorkspaceId] = message.Seq;
            }
            _events = new Queue<EventMessage>(_events.Where(message => message.Seq > _publishedUpTo.GetValueOrDefault(message.WorkspaceId)));
        }
    }

    private void LeaveToTable(Guid workspaceId)
    {
        _overflowed = true;
        _left.Add(workspaceId);
    }

    private void Wake()
    {
        lock (_lock)
        {
            if (_signal.CurrentCount == 0) _signal.Release();
        }
    }
}
