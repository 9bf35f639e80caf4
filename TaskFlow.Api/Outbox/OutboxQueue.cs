using TaskFlow.Contracts;

namespace TaskFlow.Api.Outbox;

/// <summary>
/// Events of this instance in the order of their seqs per workspace, from reservation (inside the transaction, under the workspace's row lock)
/// to hand-over. Thread-safe. Holds a bounded number: beyond it events are left to the table, from which the lane reads them once it can publish again.
/// </summary>
internal sealed class OutboxQueue(int capacity)
{
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _signal = new(0, 1);
    private readonly HashSet<Guid> _blocked = [];
    private List<OutboxEntry> _entries = [];
    private List<OutboxEntry> _spare = [];
    private HashSet<Guid> _left = [];
    private bool _overflowed;

    /// <summary>Whether events were left to the table.</summary>
    public bool HasOverflowed
    {
        get { lock (_lock) return _overflowed; }
    }

    /// <summary>How many entries are held.</summary>
    public int Count
    {
        get { lock (_lock) return _entries.Count; }
    }

    /// <summary>Takes the entry's place in line.</summary>
    public void Reserve(OutboxEntry entry)
    {
        lock (_lock)
        {
            if (!_overflowed && _entries.Count >= capacity) _overflowed = true;
            if (!_overflowed) _entries.Add(entry);
            else entry.State = OutboxEntryState.Dropped;
        }
    }

    /// <summary>The entry may go.</summary>
    public void Commit(OutboxEntry entry)
    {
        lock (_lock)
        {
            // It did not fit when it took its place. Perhaps the overflow is over by now, but nobody has read it from the table.
            if (entry.State == OutboxEntryState.Pending) entry.State = OutboxEntryState.Committed;
            else if (entry.State == OutboxEntryState.Dropped)
            {
                _overflowed = true;
                _left.Add(entry.WorkspaceId);
            }
        }
        Wake();
    }

    /// <summary>The entry's transaction was rolled back.</summary>
    public void Discard(OutboxEntry entry)
    {
        lock (_lock) entry.State = OutboxEntryState.Dropped;
        Wake();
    }

    /// <summary>Nobody knows what became of the entry: the table does.</summary>
    public void LeaveToTable(OutboxEntry entry)
    {
        lock (_lock)
        {
            if (entry.State == OutboxEntryState.Published) return;
            entry.State = OutboxEntryState.Dropped;
            _overflowed = true;
            _left.Add(entry.WorkspaceId);
        }
        Wake();
    }

    /// <summary>Waits until there may be something to do.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => _signal.WaitAsync(cancellationToken);

    /// <summary>Moves up to <paramref name="limit"/> entries that may go to <paramref name="batch"/>, in order.</summary>
    public void Take(List<OutboxEntry> batch, int limit)
    {
        lock (_lock)
        {
            _blocked.Clear();
            foreach (var entry in _entries)
            {
                if (entry.State is OutboxEntryState.Dropped or OutboxEntryState.Published) continue;
                if (entry.State == OutboxEntryState.Committed && batch.Count < limit && !_blocked.Contains(entry.WorkspaceId))
                {
                    batch.Add(entry);
                    continue;
                }
                _blocked.Add(entry.WorkspaceId);
                _spare.Add(entry);
            }
            (_entries, _spare) = (_spare, _entries);
            _spare.Clear();
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
            (_left, _overflowed) = ([], false);
            return left;
        }
    }

    /// <summary>Drops entries that were published from the table.</summary>
    public void Forget(IReadOnlyList<EventMessage> published)
    {
        lock (_lock)
        {
            if (_entries.Count == 0) return;
            var seqs = published.Select(message => (message.WorkspaceId, message.Seq)).ToHashSet();
            foreach (var entry in _entries)
            {
                if (seqs.Contains((entry.WorkspaceId, entry.Seq))) entry.State = OutboxEntryState.Published;
            }
        }
    }

    private void Wake()
    {
        lock (_lock)
        {
            if (_signal.CurrentCount == 0) _signal.Release();
        }
    }
}
