using System.Buffers;
using TaskFlow.Push.Transports;

namespace TaskFlow.Push.WorkspaceLogs;

/// <content>What connections read: places in the lanes, events as JSON, notifications.</content>
internal sealed partial class WorkspaceLog
{
    private const int MaxSharedList = 16 * 1024;
    private (long After, long Head, int Generation, EventList List)? _newestList;

    /// <summary>The lane of that wire format, made when the first connection needs it.</summary>
    private Lane LaneOf(Framing framing)
    {
        if (_lanes.TryGetValue(framing, out var lane)) return lane;
        var source = _lanes[Framing.WebSocket];
        lane = new Lane(framing, source.FirstSeq);
        foreach (var (seq, json) in source.ReadJson(source.FirstSeq - 1, int.MaxValue)) lane.Append(seq, json.Span);
        return _lanes[framing] = lane;
    }

    /// <summary>Finds the place behind that seq in the ring; there is none when the log was restarted since that generation, since the seq then means another event.</summary>
    public bool TrySeek(Framing framing, long afterSeq, int generation, out LanePosition position)
    {
        position = default;
        lock (_gate) return generation == _generation && LaneOf(framing).TrySeek(afterSeq, out position);
    }

    public LogPosition SeekHead(Framing framing)
    {
        lock (_gate)
        {
            LaneOf(framing).TrySeek(_head, out var place);
            return new LogPosition(_head, _head, Epoch, _generation, place);
        }
    }

    /// <summary>The events behind that seq up to a limit, as far as the ring has them; null when it no longer does. Made once for all who ask for the same.</summary>
    public EventList? ReadRing(long afterSeq, int maxEvents, int maxBytes)
    {
        lock (_gate)
        {
            var lane = _lanes[Framing.WebSocket];
            if (afterSeq < lane.FirstSeq - 1) return null;
            if (_newestList is { } made && made.After == afterSeq && made.Head == _head && made.Generation == _generation) return made.List;
            var json = new ArrayBufferWriter<byte>(1024);
            var last = afterSeq;
            foreach (var (seq, text) in lane.ReadJson(afterSeq, maxEvents))
            {
                if (json.WrittenCount > maxBytes) break;
                EventList.Append(json, text.Span);
                last = seq;
            }
            var list = new EventList(json.WrittenSpan.ToArray(), last, afterSeq < _lastNotificationSeq ? NotificationsIn(afterSeq, last) : []);
            // A long one is asked for by few, and would be held for nobody.
            _newestList = list.Json.Length <= MaxSharedList ? (afterSeq, _head, _generation, list) : null;
            return list;
        }
    }

    public long FirstSeq
    {
        get { lock (_gate) return _lanes[Framing.WebSocket].FirstSeq; }
    }

    /// <summary>What that person is told about the events in that range.</summary>
    public IReadOnlyList<byte[]> NotificationsFor(Guid user, long afterSeq, long toSeq)
    {
        List<byte[]>? found = null;
        lock (_gate)
        {
            foreach (var (_, notification) in _notifications.Between(afterSeq, toSeq)) if (notification.UserId == user) (found ??= []).Add(notification.Json);
        }
        return found ?? (IReadOnlyList<byte[]>)[];
    }

    private List<LogNotification> NotificationsIn(long afterSeq, long toSeq)
    {
        var found = new List<LogNotification>();
        foreach (var (_, notification) in _notifications.Between(afterSeq, toSeq)) found.Add(notification);
        return found;
    }
}
