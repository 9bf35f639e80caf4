using System.Diagnostics;

namespace TaskFlow.Api.Events;

/// <summary>
/// Lets changes that come at the same time share transactions (docs/adr/0029-group-commit.md). A few lanes, each with one transaction at a time: a change
/// that finds its lane quiet runs at once, on its own thread; what comes meanwhile runs together in the next transaction, as far as none depends on another.
/// All changes of a workspace go through the same lane, so they are appended and published in turn. Thread-safe.
/// </summary>
internal sealed class GroupCommit(WriteBatch batches)
{
    private readonly Lane[] _lanes = [.. Enumerable.Range(0, Math.Clamp(Environment.ProcessorCount, 2, 8)).Select(_ => new Lane(batches))];

    /// <summary>Runs the change, or leaves it to whoever is at work already; the outcome is the change's.</summary>
    public Task RunAsync(LogWrite write) => _lanes[(uint)write.WorkspaceId.GetHashCode() % _lanes.Length].RunAsync(write);

    private sealed class Lane(WriteBatch batches)
    {
        private readonly Lock _gate = new();
        private readonly WriteSelection _selection = new();
        private List<LogWrite> _waiting = [];
        private List<LogWrite> _spare = [];
        private bool _isBusy;

        public async Task RunAsync(LogWrite write)
        {
            lock (_gate)
            {
                if (_isBusy)
                {
                    _waiting.Add(write);
                    return;
                }
                _isBusy = write.TryTake();
            }
            await batches.RunTogetherAsync([write]);
            GoOn();
        }

        /// <summary>Somebody else takes care of what has come meanwhile: the request that was first is done.</summary>
        private void GoOn()
        {
            lock (_gate)
            {
                _isBusy = _waiting.Count > 0;
                if (!_isBusy) return;
            }
            using (ExecutionContext.SuppressFlow()) _ = Task.Run(RunWaitingAsync);
        }

        private async Task RunWaitingAsync()
        {
            while (true)
            {
                var together = TakeNext();
                if (together.Count == 0) return;
                Activity.Current = together[0].Span;
                await batches.RunTogetherAsync(together);
            }
        }

        /// <summary>The next changes to run, in the order in which they lock; when there is none, the lane is quiet.</summary>
        private List<LogWrite> TakeNext()
        {
            List<LogWrite> together;
            lock (_gate)
            {
                foreach (var write in _waiting)
                {
                    if (!_selection.TryAdd(write)) _spare.Add(write);
                }
                (_waiting, _spare) = (_spare, _waiting);
                _spare.Clear();
                together = _selection.Take();
                _isBusy = together.Count > 0;
            }
            together.Sort((one, other) => one.WorkspaceId.CompareTo(other.WorkspaceId) is not 0 and var order ? order : Nullable.Compare(one.Subject, other.Subject));
            return together;
        }
    }
}

/// <summary>Chooses, of changes in the order in which they came, those that can share a transaction. Not thread-safe.</summary>
internal sealed class WriteSelection
{
    private const int MaxTogether = 32;
    private readonly HashSet<Guid> _subjects = [];
    private readonly HashSet<Guid> _workspaces = [];
    private readonly HashSet<Guid> _closed = [];
    private List<LogWrite> _chosen = [];

    /// <summary>False when the change has to wait for the next transaction. One that nobody waits for any more is dropped.</summary>
    public bool TryAdd(LogWrite write)
    {
        if (_chosen.Count == MaxTogether || _closed.Contains(write.WorkspaceId)) return false;
        if (write.Subject is { } subject ? _subjects.Contains(subject) : _workspaces.Contains(write.WorkspaceId))
        {
            // What comes behind a change of the whole workspace does not overtake it, lest it wait for ever.
            if (write.Subject is null) _closed.Add(write.WorkspaceId);
            return false;
        }
        if (!write.TryTake()) return true;
        _chosen.Add(write);
        _workspaces.Add(write.WorkspaceId);
        if (write.Subject is { } own) _subjects.Add(own);
        else _closed.Add(write.WorkspaceId);
        return true;
    }

    /// <summary>What was chosen; the next choice begins.</summary>
    public List<LogWrite> Take()
    {
        var chosen = _chosen;
        _chosen = [];
        _subjects.Clear();
        _workspaces.Clear();
        _closed.Clear();
        return chosen;
    }
}
