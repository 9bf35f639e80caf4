using TaskFlow.Contracts;
using TaskFlow.Push.Connections;
using TaskFlow.Push.Transports;

namespace TaskFlow.Push.Presence;

/// <summary>Who is on one task, as of one version of the board; the frame is encoded once per wire format.</summary>
internal sealed class PresenceEntry(Guid taskId, long version, IReadOnlyList<PresenceViewer> viewers, long changedAt, long dueAt)
{
    private byte[]? _json;
    private byte[]? _webSocket;
    private byte[]? _sse;
    private byte[]? _sseChunked;

    public Guid TaskId => taskId;
    public long Version => version;
    public IReadOnlyList<PresenceViewer> Viewers => viewers;

    /// <summary>When (Unix milliseconds) it became so.</summary>
    public long ChangedAt => changedAt;

    /// <summary>When (Unix milliseconds) somebody's time there, or their typing, runs out unless they are heard of again.</summary>
    public long DueAt { get; set; } = dueAt;

    public byte[] Json => _json ??= Frames.Presence(new PresenceFrame(taskId, viewers));

    public byte[] In(Framing framing) =>
        framing == Framing.WebSocket ? _webSocket ??= framing.Encode(null, Json)
        : framing == Framing.SseChunked ? _sseChunked ??= framing.Encode(null, Json)
        : _sse ??= framing.Encode(null, Json);
}

/// <summary>
/// Presence in one workspace. Unlike events it is latest-wins: a connection remembers the newest version it has seen and gets every task that
/// changed since, once, however often it changed. So nobody's backlog grows by it.
/// </summary>
internal sealed class PresenceBoard
{
    private const int MaxEmpty = 1_000;
    private static readonly long KeepEmpty = 2 * (long)PresenceKeys.Lifetime.TotalMilliseconds;
    private readonly Lock _gate = new();
    private volatile PresenceEntry[] _entries = []; // The newest first.
    private long _lastVersion;

    /// <summary>The newest version; 0 when nothing has ever been seen.</summary>
    public long Version => VersionOf(_entries);

    public PresenceEntry[] Entries => _entries;

    public static long VersionOf(PresenceEntry[] entries) => entries.Length > 0 ? entries[0].Version : 0;

    public PresenceEntry? Find(Guid task) => Array.Find(_entries, entry => entry.TaskId == task);

    /// <summary>The tasks that changed after that version; for a newcomer (0) those that somebody is on.</summary>
    public static IEnumerable<PresenceEntry> ChangedSince(PresenceEntry[] entries, long version) =>
        entries.TakeWhile(entry => entry.Version > version).Where(entry => version > 0 || entry.Viewers.Count > 0);

    /// <summary>True when that is a change that clients see.</summary>
    public bool Update(Guid task, IReadOnlyList<PresenceViewer> viewers, long now, long dueAt)
    {
        lock (_gate)
        {
            var known = Find(task);
            if (known is null ? viewers.Count == 0 : known.Viewers.SequenceEqual(viewers))
            {
                known?.DueAt = dueAt;
                return false;
            }
            var others = _entries.Where(entry => entry.TaskId != task);
            // That nobody is there any more is kept for those who have not heard it yet: for longer than a stream may be stalled.
            var empty = 0;
            _entries = [new PresenceEntry(task, ++_lastVersion, viewers, now, dueAt), .. others.Where(entry => entry.Viewers.Count > 0 || (now - entry.ChangedAt < KeepEmpty && ++empty <= MaxEmpty))];
            return true;
        }
    }
}
