using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace TaskFlow.Testing;

/// <summary>One real-time connection as a client sees it: frames in the order they came, and how it ended.</summary>
public abstract class RealtimeConnection : IAsyncDisposable
{
    private readonly Channel<JsonNode> _frames = Channel.CreateUnbounded<JsonNode>();
    private readonly List<JsonNode> _seen = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    protected CancellationTokenSource Stopping { get; } = new();

    /// <summary>Every frame so far, in order, those not yet waited for excluded.</summary>
    public IReadOnlyList<JsonNode> Seen => _seen;

    /// <summary>The close code (WebSocket), once it ended; null when the connection just broke.</summary>
    public int? CloseCode { get; protected set; }

    /// <summary>Completes when the connection has ended, however.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Sends a frame to the server.</summary>
    public abstract Task SendAsync(object frame);

    /// <summary>The next frame.</summary>
    public async Task<JsonNode> NextAsync(TimeSpan? deadline = null)
    {
        using var timeout = new CancellationTokenSource(deadline ?? Deadline.Default);
        try
        {
            var frame = await _frames.Reader.ReadAsync(timeout.Token);
            _seen.Add(frame);
            return frame;
        }
        catch (ChannelClosedException) { throw new InvalidOperationException($"the connection ended (close code {CloseCode?.ToString() ?? "none"}) after {Describe()}"); }
        catch (OperationCanceledException) { throw new TimeoutException($"no frame within the deadline; so far: {Describe()}"); }
    }

    /// <summary>Reads on until a frame of that type (and condition) comes.</summary>
    public async Task<JsonNode> NextAsync(string type, Func<JsonNode, bool>? condition = null, TimeSpan? deadline = null)
    {
        var end = DateTime.UtcNow + (deadline ?? Deadline.Default);
        while (true)
        {
            var left = end - DateTime.UtcNow;
            var frame = await NextAsync(left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1));
            if ((string?)frame["type"] == type && condition?.Invoke(frame) != false) return frame;
        }
    }

    /// <summary>Reads on until the events up to that seq have come, and returns all events read meanwhile, batches unpacked.</summary>
    public async Task<List<JsonNode>> EventsUntilAsync(long seq, TimeSpan? deadline = null)
    {
        var events = new List<JsonNode>();
        while (events.Count == 0 || events[^1].Number("seq") < seq) events.AddRange(EventsOf(await NextAsync(deadline)));
        return events;
    }

    /// <summary>The events in a frame: itself, those of a batch, or none.</summary>
    public static IEnumerable<JsonNode> EventsOf(JsonNode frame) => (string?)frame["type"] == "batch"
        ? frame["events"]!.AsArray().Select(item => item!)
        : frame["seq"] is not null ? [frame] : [];

    protected void Received(JsonNode frame) => _frames.Writer.TryWrite(frame);

    protected void End()
    {
        _frames.Writer.TryComplete();
        _ended.TrySetResult();
    }

    private string Describe() => string.Join(", ", _seen.TakeLast(8).Select(frame => $"{frame["type"]}{(frame["seq"] is { } seq ? $" {seq}" : "")}"));

    public virtual async ValueTask DisposeAsync()
    {
        await Stopping.CancelAsync();
        GC.SuppressFinalize(this);
    }
}
