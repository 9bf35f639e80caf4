using System.Diagnostics;

namespace TaskFlow.Api.Events;

/// <summary>
/// Lets changes that come at the same time share transactions (docs/adr/0029-group-commit.md). A few lanes, each with one transaction at a time: a change
/// that finds its lane quiet runs at once, on its own thread; what comes meanwhile runs together in the next transaction, one change per workspace. All changes
/// of a workspace go through the same lane, so they are appended and published in turn. Thread-safe.
/// </summary>
internal sealed class GroupCommit(WriteBatch batches)
{
    private const int MaxTogether = 32;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Lane[] _lanes = [.. Enumerable.Range(0, Math.Clamp(Environment.ProcessorCount, 2, 8)).Select(_ => new Lane(batches))];

    /// <summary>Runs the change and returns when it is over; the outcome is the change's.</summary>
    public Task RunAsync(LogWrite write) => _lanes[(uint)write.WorkspaceId.GetHashCode() % _lanes.Length].RunAsync(write);

    private sealed class Lane(WriteBatch batches)
    {
        private readonly Lock _gate = new();
        private readonly HashSet<Guid> _workspaces = [];
        private List<LogWrite> _waiting = [];
        private List<LogWrite> _spare = [];
        private bool _isBusy;

        public async Task RunAsync(LogWrite write)
        {
            lock (_gate)
            {
                if (_isBusy) _waiting.Add(write);
                else write.TryTake();
                (var isFirst, _isBusy) = (!_isBusy, true);
                if (!isFirst) return;
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

        /// <summary>The next changes to run, at most one of each workspace, in the order of the workspaces; when there is none, the lane is quiet.</summary>
        private List<LogWrite> TakeNext()
        {
            var together = new List<LogWrite>();
            lock (_gate)
            {
                _workspaces.Clear();
                foreach (var write in _waiting)
                {
                    if (together.Count == MaxTogether || _workspaces.Contains(write.WorkspaceId)) _spare.Add(write);
                    else if (write.TryTake())
                    {
                        _workspaces.Add(write.WorkspaceId);
                        together.Add(write);
                    }
                }
                (_waiting, _spare) = (_spare, _waiting);
                _spare.Clear();
                _isBusy = together.Count > 0;
            }
            together.Sort((one, other) => one.WorkspaceId.CompareTo(other.WorkspaceId));
            return together;
        }
    }
}
