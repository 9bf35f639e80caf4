using TaskFlow.Bench.Setup;

namespace TaskFlow.Bench.Clients;

/// <summary>What a fleet is made of.</summary>
internal enum TransportKind
{
    WebSocket,
    Sse,
    Poll,

    /// <summary>A WebSocket that speaks SignalR's JSON protocol.</summary>
    SignalR,

    /// <summary>A WebSocket that reads nothing behind the welcome.</summary>
    Stalled,
}

/// <summary>Many subscribers that count into one tally.</summary>
internal sealed class Fleet : IDisposable
{
    private const int MaxUnderWay = 64;
    private const int ConnectBurst = 8_000, ConnectsPerSecond = 1_800;
    private readonly List<Subscriber> _subscribers = [];

    private Fleet(Tally tally) => Tally = tally;

    public Tally Tally { get; }

    public int Count => _subscribers.Count;

    /// <summary>Connects that many subscribers, spread over the rooms, and returns when every one was welcomed.</summary>
    /// <param name="kind">What they are.</param>
    /// <param name="rooms">Where they connect.</param>
    /// <param name="count">How many.</param>
    /// <param name="tally">Where they count.</param>
    /// <param name="after">The seq behind which they begin.</param>
    /// <param name="progress">Told how many have begun to connect.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="skip">How many connections of the rooms' people another fleet has taken.</param>
    public static async Task<Fleet> ConnectAsync(TransportKind kind, IReadOnlyList<Room> rooms, int count, Tally tally, long after, Action<int>? progress, CancellationToken cancellationToken, int skip = 0)
    {
        var fleet = new Fleet(tally);
        var started = Environment.TickCount64;
        var deadline = started + 120_000;
        for (var index = 0; index < count; index++)
        {
            var target = rooms[index % rooms.Count].Target((skip + index) / rooms.Count);
            Subscriber subscriber = kind switch
            {
                TransportKind.WebSocket => new WebSocketSubscriber(tally, target, after),
                TransportKind.SignalR => new SignalRSubscriber(tally, target, after),
                TransportKind.Stalled => new StalledSubscriber(tally, target, after),
                TransportKind.Sse => new SseSubscriber(tally, target, after),
                _ => new PollSubscriber(tally, target, after),
            };
            fleet._subscribers.Add(subscriber);
            subscriber.Start();
            // No more than a few handshakes under way: the run measures deliveries, not a connect storm ("storm" does that).
            // And no faster than an instance takes new connections (Realtime:HandshakeBurst and HandshakesPerSecond).
            while (index + 1 - tally.Welcomed - tally.Ended > MaxUnderWay || index + 1 > ConnectBurst + ((Environment.TickCount64 - started) * ConnectsPerSecond / 1_000))
            {
                if (Environment.TickCount64 > deadline) throw new BenchException($"only {tally.Welcomed} of {count} clients were welcomed in time");
                await Task.Delay(1, cancellationToken);
            }
            progress?.Invoke(index + 1);
        }
        await UntilAsync("all clients were welcomed", () => tally.Welcomed + tally.Ended >= count, cancellationToken);
        if (tally.Ended > 0) throw new BenchException($"{tally.Ended} of {count} connections were refused or lost while connecting{(tally.Refusal is { } refusal ? $": {refusal}" : "")}");
        return fleet;
    }

    /// <summary>How many subscribers are at that seq.</summary>
    public int At(long seq) => _subscribers.Count(subscriber => subscriber.Last >= seq);

    /// <summary>Waits for all to be at that seq.</summary>
    public Task UntilAtAsync(long seq, CancellationToken cancellationToken) => UntilAsync($"all clients are at {seq}", () => At(seq) == Count, cancellationToken);

    public void Dispose()
    {
        foreach (var subscriber in _subscribers) subscriber.Abort();
    }

    public static async Task UntilAsync(string what, Func<bool> condition, CancellationToken cancellationToken, int seconds = 60)
    {
        var end = Environment.TickCount64 + (seconds * 1000);
        while (!condition())
        {
            if (Environment.TickCount64 > end) throw new BenchException($"not within {seconds} s: {what}");
            await Task.Delay(5, cancellationToken);
        }
    }
}
