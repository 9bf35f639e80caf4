using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json.Nodes;

namespace TaskFlow.Testing;

/// <summary>Which way a <see cref="FollowingClient"/> connects.</summary>
public enum Transport
{
    WebSocket,
    Sse,
    Poll,
}

/// <summary>
/// A client that follows the protocol for as long as it lives: it connects, resumes behind the last seq it has, reconnects with backoff when the
/// connection breaks, asks for a new token when it must, and keeps the record of what it was given. It forgives the server nothing: a seq that
/// comes twice, or out of order, stays in the record.
/// </summary>
public sealed class FollowingClient : IAsyncDisposable
{
    private readonly TestUser _user;
    private readonly Guid _workspace;
    private readonly Func<Uri> _push;
    private readonly Transport _transport;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly List<Received> _events = [];
    private readonly Random _jitter;
    private string? _epoch;
    private string? _token;
    private Task _run = Task.CompletedTask;

    private FollowingClient(TestUser user, Guid workspace, Func<Uri> push, Transport transport, long after, int seed)
    {
        (_user, _workspace, _push, _transport, Last) = (user, workspace, push, transport, after);
        _jitter = new Random(seed);
    }

    /// <summary>One event, and when it came (<see cref="Stopwatch"/> ticks).</summary>
    public readonly record struct Received(long Seq, string? MutationId, long At);

    /// <summary>The last seq received.</summary>
    public long Last { get; private set; }

    /// <summary>Connections opened so far.</summary>
    public int Connections { get; private set; }

    /// <summary>How often the server said <c>reset</c>.</summary>
    public int Resets { get; private set; }

    public Transport Transport => _transport;

    public Guid Workspace => _workspace;

    /// <summary>Everything received, in the order it came.</summary>
    public IReadOnlyList<Received> Events
    {
        get { lock (_gate) return [.. _events]; }
    }

    public static FollowingClient Start(TestUser user, Guid workspace, Func<Uri> push, Transport transport, long after, int seed = 1)
    {
        var client = new FollowingClient(user, workspace, push, transport, after, seed);
        client._run = Task.Run(client.RunAsync);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _run;
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        var attempt = 0;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                _token ??= await _user.RealtimeTokenAsync(_workspace);
                await using var connection = await OpenAsync();
                Connections++;
                using var stop = _stopping.Token.Register(() => _ = connection.DisposeAsync().AsTask());
                attempt = 0;
                await FollowAsync(connection);
            }
            catch (Exception error) when (error is HttpRequestException or WebSocketException or IOException or InvalidOperationException or TimeoutException or OperationCanceledException)
            {
                attempt++;
            }
            _token = null;
            try { await Task.Delay(_jitter.Next(20, 100 << Math.Min(attempt, 4)), _stopping.Token); }
            catch (OperationCanceledException) { return; }
        }
    }

    private async Task<RealtimeConnection> OpenAsync()
    {
        var query = $"after={Last}{(_epoch is null ? "" : $"&epoch={Uri.EscapeDataString(_epoch)}")}";
        return _transport switch
        {
            Transport.WebSocket => await WebSocketConnection.OpenAsync(_push(), _workspace, _token!, query),
            Transport.Sse => await SseConnection.OpenAsync(_push(), _workspace, _token!, query),
            _ => await PollConnection.OpenAsync(_push(), _workspace, _token!, Last, wait: 10, epoch: _epoch),
        };
    }

    private async Task FollowAsync(RealtimeConnection connection)
    {
        while (true)
        {
            // The server speaks at least every 15 s (a poll answers within its wait): silence means a dead connection.
            var frame = await connection.NextAsync(TimeSpan.FromSeconds(20));
            switch ((string?)frame["type"])
            {
                case "welcome":
                    if (frame.Text("resume") == "reset") Reset(frame.Number("head"), frame.Text("epoch"));
                    else _epoch = frame.Text("epoch");
                    break;
                case "reset":
                    // The snapshot says which history its head belongs to: an instance that still knows the old one must not go on with that.
                    var (head, epoch) = await _user.SnapshotPlaceAsync(_workspace);
                    Reset(head, epoch);
                    return;
                case "heartbeat" when frame.Number("head") > Last + 1000:
                    return;
            }
            foreach (var item in RealtimeConnection.EventsOf(frame)) Record(item);
        }
    }

    private void Reset(long head, string epoch)
    {
        Resets++;
        (Last, _epoch) = (head, epoch);
    }

    private void Record(JsonNode item)
    {
        lock (_gate) _events.Add(new Received(item.Number("seq"), (string?)item["mutationId"], Stopwatch.GetTimestamp()));
        Last = Math.Max(Last, item.Number("seq"));
    }
}
