using System.Runtime.InteropServices;

namespace TaskFlow.Push.WorkspaceLogs;

/// <summary>Who is told what about the newest events, in their order, so that what is new for a reader is found without going through the rest. Used under the log's lock.</summary>
internal sealed class NotificationLog
{
    private readonly List<(long Seq, LogNotification Notification)> _items = [];
    private int _first; // What is before it was dropped, and goes when it is more than half.

    /// <summary>Adds what is told about an event, which is not older than the last one.</summary>
    public void Add(long seq, LogNotification notification) => _items.Add((seq, notification));

    public void Clear()
    {
        _items.Clear();
        _first = 0;
    }

    /// <summary>What is told about the events behind one seq up to another; good until something is changed.</summary>
    public ReadOnlySpan<(long Seq, LogNotification Notification)> Between(long afterSeq, long toSeq)
    {
        var first = Find(afterSeq);
        return CollectionsMarshal.AsSpan(_items)[first..Math.Max(first, Find(toSeq))];
    }

    /// <summary>Drops what is told about the events before that seq.</summary>
    public void Trim(long beforeSeq)
    {
        _first = Find(beforeSeq - 1);
        if (_first <= _items.Count / 2) return;
        _items.RemoveRange(0, _first);
        _first = 0;
    }

    /// <summary>Where the first one behind that seq is.</summary>
    private int Find(long afterSeq)
    {
        var (low, high) = (_first, _items.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_items[middle].Seq > afterSeq) high = middle;
            else low = middle + 1;
        }
        return low;
    }
}
