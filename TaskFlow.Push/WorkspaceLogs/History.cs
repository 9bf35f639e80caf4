using System.Buffers;
using TaskFlow.Push.Telemetry;
using TaskFlow.Push.Transports;

namespace TaskFlow.Push.WorkspaceLogs;

/// <summary>
/// What the ring no longer has, read from the feed in aligned pages that are kept for a moment: a thousand clients that are as far behind as each
/// other cost one read.
/// </summary>
internal sealed class History(WorkspaceLog log, PushServices services)
{
    private const int PageSize = 500;
    private const int KeepSeconds = 20;
    private const int MaxPages = 16;
    private readonly Lock _gate = new();
    private readonly Dictionary<long, (Task<HistoryPage?> Page, int UsedAt)> _pages = [];

    /// <summary>A page with the event behind that seq and more; null when it is no longer kept, or too far back to be worth it.</summary>
    /// <exception cref="Access.ApiUnavailableException">The Api does not answer.</exception>
    public async Task<HistoryPage?> ReadAsync(long afterSeq)
    {
        if (log.Head - afterSeq > services.Options.MaxReplay) return null;
        var start = afterSeq / PageSize * PageSize;
        var page = await Shared(start);
        // The newest page grows: one that was read too early for this reader is read again.
        if (page is not null && page.LastSeq <= afterSeq)
        {
            lock (_gate) if (_pages.TryGetValue(start, out var kept) && kept.Page.IsCompletedSuccessfully && kept.Page.Result == page) _pages.Remove(start);
            page = await Shared(start);
            if (page is not null && page.LastSeq <= afterSeq) return null;
        }
        return page;
    }

    public void Clear()
    {
        lock (_gate) _pages.Clear();
    }

    public void Trim(int seconds)
    {
        lock (_gate)
        {
            foreach (var (start, page) in _pages) if (seconds - page.UsedAt > KeepSeconds || page.Page.IsFaulted) _pages.Remove(start);
        }
    }

    private async Task<HistoryPage?> Shared(long start)
    {
        Task<HistoryPage?> reading;
        lock (_gate)
        {
            if (_pages.TryGetValue(start, out var kept) && !kept.Page.IsFaulted) reading = kept.Page;
            else
            {
                if (_pages.Count >= MaxPages) _pages.Remove(_pages.MinBy(page => page.Value.UsedAt).Key);
                reading = ReadPageAsync(start);
            }
            _pages[start] = (reading, services.Clock.Seconds);
        }
        return await reading;
    }

    private async Task<HistoryPage?> ReadPageAsync(long start)
    {
        await Task.Yield();
        var page = await services.Api.ReadFeedAsync(log.Id, start, PageSize, members: false, CancellationToken.None);
        if (page is null || page.Reset) return null;
        services.Telemetry.Repaired("history");
        return new HistoryPage(start, page.Events);
    }
}

/// <summary>Up to 500 events that follow each other.</summary>
internal sealed class HistoryPage
{
    private const int MaxBatchBytes = 48 * 1024;
    private const int MaxBatchEvents = 100;
    private const int MaxBatches = 32;
    private readonly List<LogEvent> _events = [];
    private readonly Dictionary<long, Batch> _batches = [];

    public HistoryPage(long start, IReadOnlyList<LogEvent> events)
    {
        foreach (var @event in events)
        {
            if (@event.Seq != start + _events.Count + 1) break;
            _events.Add(@event);
        }
        (Start, LastSeq) = (start, start + _events.Count);
    }

    public long Start { get; }
    public long LastSeq { get; }

    public IEnumerable<LogEvent> EventsAfter(long seq) => _events.Skip((int)Math.Max(0, seq - Start));

    /// <summary>
    /// The next events behind that seq in a frame of bearable size; the page must have one. Clients that come back together mostly ask for the same: each frame is
    /// made once for them.
    /// </summary>
    public Batch BatchAfter(long seq)
    {
        lock (_batches)
        {
            if (_batches.TryGetValue(seq, out var made)) return made;
            var events = new List<LogEvent>();
            var size = 0;
            foreach (var @event in EventsAfter(seq))
            {
                if (events.Count > 0 && (size + @event.Json.Length > MaxBatchBytes || events.Count == MaxBatchEvents)) break;
                events.Add(@event);
                size += @event.Json.Length + 1;
            }
            if (_batches.Count >= MaxBatches) _batches.Clear();
            return _batches[seq] = new Batch(events);
        }
    }
}

/// <summary>Several events in one frame.</summary>
internal sealed class Batch
{
    private readonly List<LogNotification> _notifications = [];
    private byte[]? _compressed;

    public Batch(IReadOnlyList<LogEvent> events)
    {
        var writer = new ArrayBufferWriter<byte>(events.Sum(@event => @event.Json.Length + 1) + 32);
        writer.Write("""{"type":"batch","events":["""u8);
        for (var i = 0; i < events.Count; i++)
        {
            if (i > 0) writer.Write(","u8);
            writer.Write(events[i].Json);
            _notifications.AddRange(events[i].Notifications);
        }
        writer.Write("]}"u8);
        (Json, LastSeq) = (writer.WrittenSpan.ToArray(), events[^1].Seq);
    }

    public byte[] Json { get; }
    public long LastSeq { get; }

    /// <summary>The WebSocket frame for connections that agreed on compression, made once for all that are as far behind.</summary>
    public byte[] Compressed(PushTelemetry telemetry)
    {
        lock (_notifications)
        {
            if (_compressed is not null) return _compressed;
            var frame = new byte[Framing.WebSocket.Measure(LastSeq, Json.Length)];
            return _compressed = frame[..MessageDeflate.WriteFrame(frame, Json, telemetry)];
        }
    }

    public IEnumerable<byte[]> NotificationsFor(Guid user) => _notifications.Where(item => item.UserId == user).Select(item => item.Json);
}
