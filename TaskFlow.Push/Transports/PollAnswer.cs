using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Unicode;
using TaskFlow.Contracts;
using TaskFlow.Push.WorkspaceLogs;

namespace TaskFlow.Push.Transports;

/// <summary>The answer to a poll. The events in it are the same bytes for all who ask for the same; around them stands what is for this client alone.</summary>
internal static class PollAnswer
{
    private const string ContentType = "application/json; charset=utf-8";
    private const string CacheControl = "no-store";
    private const int MaxEvents = 500;
    private const int MaxBytes = 512 * 1024;
    private const int MaxScratch = 64 * 1024;
    private const int MaxHead = 256;

    /// <summary>Where an answer is put together, since its length goes ahead of it. One for each thread, since nothing waits in between.</summary>
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? Scratch;

    private static DateLine? LastDate;

    /// <summary>Whether the client has to start over.</summary>
    public static bool IsReset(WorkspaceLog log, ResumePlan plan) => plan.Mode == ResumeModes.Reset || plan.Generation != log.Generation;

    /// <summary>The events of the answer; null when the client has to start over instead.</summary>
    /// <exception cref="Access.ApiUnavailableException">What the ring no longer has cannot be read just now.</exception>
    public static async ValueTask<EventList?> ReadAsync(WorkspaceLog log, ResumePlan plan) =>
        IsReset(log, plan) ? null : log.ReadRing(plan.After, MaxEvents, MaxBytes) ?? await ReadBehindAsync(log, plan.After);

    /// <summary>Puts the answer into a response, to be flushed.</summary>
    public static void Put(HttpResponse response, PollConnection poll, EventList? events)
    {
        var body = Compose(poll, events)[MaxHead..];
        response.ContentType = ContentType;
        response.Headers.CacheControl = CacheControl;
        response.ContentLength = body.Length;
        response.BodyWriter.Write(body);
    }

    /// <summary>The answer with its head, as it goes over the wire. The bytes are this thread's, for nothing but to be sent at once.</summary>
    public static ReadOnlySpan<byte> WithHead(PollConnection poll, EventList? events)
    {
        var answer = Compose(poll, events);
        Span<byte> head = stackalloc byte[MaxHead];
        Utf8.TryWrite(head, CultureInfo.InvariantCulture,
            $"HTTP/1.1 200 OK\r\nContent-Length: {answer.Length - MaxHead}\r\nContent-Type: {ContentType}\r\n{Date(poll.Services.Clock.UtcNow)}Cache-Control: {CacheControl}\r\n\r\n", out var length);
        head[..length].CopyTo(answer[(MaxHead - length)..]);
        return answer[(MaxHead - length)..];
    }

    /// <summary>What the ring no longer has: from a page of the feed.</summary>
    private static async Task<EventList> ReadBehindAsync(WorkspaceLog log, long after) =>
        EventList.Of(after, (await log.History.ReadAsync(after))?.EventsAfter(after) ?? [], MaxBytes);

    /// <summary>The body, behind as much room as a head takes at most.</summary>
    private static Span<byte> Compose(PollConnection poll, EventList? events)
    {
        if (events is null) poll.Services.Telemetry.Reset();
        var answer = Scratch ??= new ArrayBufferWriter<byte>(4 * 1024);
        answer.ResetWrittenCount();
        answer.GetSpan(MaxHead);
        answer.Advance(MaxHead);
        Utf8.TryWrite(answer.GetSpan(64), CultureInfo.InvariantCulture, $"{{\"connectionId\":\"{poll.Services.Instance.Name}-{poll.Id:x16}\",\"events\":[", out var written);
        answer.Advance(written);
        answer.Write(events?.Json ?? []);
        answer.Write("],\"notifications\":["u8);
        var first = true;
        foreach (var notification in events?.Notifications ?? [])
        {
            if (notification.UserId != poll.UserId) continue;
            if (!first) answer.Write(","u8);
            first = false;
            answer.Write(notification.Json);
        }
        answer.Write("]"u8);
        poll.WriteOwn(answer);
        Utf8.TryWrite(answer.GetSpan(64), CultureInfo.InvariantCulture, $",\"head\":{Math.Max(poll.Log.Head, events?.Last ?? 0)},\"epoch\":\"", out written);
        answer.Advance(written);
        answer.Write(poll.Log.EpochJson.EncodedUtf8Bytes);
        answer.Write(events is null ? "\",\"reset\":true}"u8 : "\",\"reset\":false}"u8);
        if (answer.Capacity > MaxScratch) Scratch = null;
        return MemoryMarshal.AsMemory(answer.WrittenMemory).Span;
    }

    /// <summary>The header line, made once a second.</summary>
    private static string Date(DateTimeOffset now)
    {
        var second = now.ToUnixTimeSeconds();
        if (LastDate is { } last && last.Second == second) return last.Line;
        return (LastDate = new DateLine(second, $"Date: {now:r}\r\n")).Line;
    }

    private sealed record DateLine(long Second, string Line);
}
