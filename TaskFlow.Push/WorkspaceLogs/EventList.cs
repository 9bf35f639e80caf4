using System.Buffers;

namespace TaskFlow.Push.WorkspaceLogs;

/// <summary>Events that follow each other, as the inside of a JSON array, and what anybody is told about them. Not changed once made, so that it can be shared.</summary>
/// <param name="Json">The events with commas between them.</param>
/// <param name="Last">The seq of the last one; of what is before them when there is none.</param>
/// <param name="Notifications">Everybody's, in order.</param>
internal sealed record EventList(byte[] Json, long Last, IReadOnlyList<LogNotification> Notifications)
{
    /// <summary>As many of the events behind that seq as make no more than about that many bytes.</summary>
    public static EventList Of(long after, IEnumerable<LogEvent> events, int maxBytes)
    {
        var json = new ArrayBufferWriter<byte>(1024);
        var notifications = new List<LogNotification>();
        foreach (var @event in events)
        {
            if (json.WrittenCount > maxBytes) break;
            Append(json, @event.Json);
            notifications.AddRange(@event.Notifications);
            after = @event.Seq;
        }
        return new EventList(json.WrittenSpan.ToArray(), after, notifications);
    }

    public static void Append(ArrayBufferWriter<byte> list, ReadOnlySpan<byte> json)
    {
        if (list.WrittenCount > 0) list.Write(","u8);
        list.Write(json);
    }
}
