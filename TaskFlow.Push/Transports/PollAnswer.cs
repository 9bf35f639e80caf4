using System.Buffers;
using System.Globalization;
using System.Text.Unicode;
using TaskFlow.Contracts;
using TaskFlow.Push.WorkspaceLogs;

namespace TaskFlow.Push.Transports;

/// <summary>The answer to a poll. The events in it are the same bytes for all who ask for the same; around them stands what is for this client alone.</summary>
internal static class PollAnswer
{
    private const int MaxEvents = 500;
    private const int MaxBytes = 512 * 1024;
    private const int MaxScratch = 64 * 1024;

    /// <summary>Where an answer is put together, since its length goes ahead of it. One for each thread, since nothing waits in between.</summary>
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? Scratch;

    /// <summary>Whether the client has to start over.</summary>
    public static bool IsReset(WorkspaceLog log, ResumePlan plan) => plan.Mode == ResumeModes.Reset || plan.Generation != log.Generation;

    /// <summary>Puts what there is now into the response, to be flushed.</summary>
    public static async ValueTask PutAsync(HttpResponse response, PushServices services, WorkspaceLog log, PollConnection poll, ResumePlan plan)
    {
        var reset = IsReset(log, plan);
        if (reset) services.Telemetry.Reset();
        var events = reset ? new EventList([], log.Head, []) : log.ReadRing(plan.After, MaxEvents, MaxBytes) ?? await ReadBehindAsync(log, plan.After);
        Put(response, services, log, poll, events, reset);
    }

    /// <summary>What the ring no longer has: from a page of the feed.</summary>
    private static async Task<EventList> ReadBehindAsync(WorkspaceLog log, long after) =>
        EventList.Of(after, (await log.History.ReadAsync(after))?.EventsAfter(after) ?? [], MaxBytes);

    private static void Put(HttpResponse response, PushServices services, WorkspaceLog log, PollConnection poll, EventList events, bool reset)
    {
        var answer = Scratch ??= new ArrayBufferWriter<byte>(4 * 1024);
        answer.ResetWrittenCount();
        Utf8.TryWrite(answer.GetSpan(64), CultureInfo.InvariantCulture, $"{{\"connectionId\":\"{services.Instance.Name}-{poll.Id:x16}\",\"events\":[", out var written);
        answer.Advance(written);
        answer.Write(events.Json);
        answer.Write("],\"notifications\":["u8);
        var first = true;
        foreach (var notification in events.Notifications)
        {
            if (notification.UserId != poll.UserId) continue;
            if (!first) answer.Write(","u8);
            first = false;
            answer.Write(notification.Json);
        }
        answer.Write("]"u8);
        poll.WriteOwn(answer);
        Utf8.TryWrite(answer.GetSpan(64), CultureInfo.InvariantCulture, $",\"head\":{Math.Max(log.Head, events.Last)},\"epoch\":\"", out written);
        answer.Advance(written);
        answer.Write(log.EpochJson.EncodedUtf8Bytes);
        answer.Write(reset ? "\",\"reset\":true}"u8 : "\",\"reset\":false}"u8);

        response.ContentType = "application/json; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.ContentLength = answer.WrittenCount;
        response.BodyWriter.Write(answer.WrittenSpan);
        if (answer.Capacity > MaxScratch) Scratch = null;
    }
}
