using System.Runtime.InteropServices;

namespace TaskFlow.Push.Connections;

/// <summary>
/// Looks after the inputs that nobody is told of: a hundredth of a second after the first one has begun to wait it looks at all of them, one after the other on one
/// thread. After one event hundreds of clients ask anew within milliseconds; being woken, changing threads and fetching everything anew for each costs as much as
/// the rest of a poll.
/// </summary>
internal sealed class Harvest
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    /// <summary>One for each processor.</summary>
    private static readonly Harvest[] All = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Harvest())];
    private static int Turn;

    private readonly Lock _gate = new();
    private readonly Timer _timer;
    private List<QuietInput> _waiting = [];
    private List<QuietInput> _spare = [];
    private int _touched;

    private Harvest()
    {
        using var unflowed = ExecutionContext.SuppressFlow();
        _timer = new Timer(static self => ((Harvest)self!).Gather(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>One of them, each as often as the others.</summary>
    public static Harvest Next() => All[(uint)Interlocked.Increment(ref Turn) % (uint)All.Length];

    /// <summary>Has the input looked at until it has something, or has been looked at often enough to be told of it by the kernel.</summary>
    public void Add(QuietInput input)
    {
        lock (_gate)
        {
            _waiting.Add(input);
            if (_waiting.Count == 1) _timer.Change(Interval, Timeout.InfiniteTimeSpan);
        }
    }

    private void Gather()
    {
        List<QuietInput> due;
        lock (_gate) (due, _waiting, _spare) = (_waiting, _spare, []);
        for (var i = 0; i < due.Count; i++)
        {
            if (i % ConnectionShard.TouchedAtOnce == 0)
            {
                foreach (var next in CollectionsMarshal.AsSpan(due).Slice(i, Math.Min(ConnectionShard.TouchedAtOnce, due.Count - i))) _touched += next.Touch();
            }
            due[i].LookInPassing();
        }
        due.Clear();
        lock (_gate) _spare = due;
    }
}
