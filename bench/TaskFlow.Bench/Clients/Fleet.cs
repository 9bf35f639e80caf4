using TaskFlow.Bench.Setup;

namespace TaskFlow.Bench.Clients;

/// <summary>The transports a run can compare.</summary>
internal enum TransportKind
{
    WebSocket,
    Sse,
    Poll,
}

/// <summary>Many subscribers that count into one tally.</summary>
internal sealed class Fleet : IDisposable
{
    private readonly List<Subscriber> _subscribers = [];

    private Fleet(Tally tally) => Tally = tally;

    public Tally Tally { get; }

    public int Count => _subscribers.Count;

    /// <summary>Connects that many subscribers, spread over the rooms, and returns when every one was welcomed.</summary>
    public static async Task<Fleet> ConnectAsync(TransportKind kind, IReadOnlyList<Room> rooms, int count, Tally tally, long after, Action<int>? progress, CancellationToken cancellationToken)
    {
        var fleet = new Fleet(tally);
        for (var index = 0; index < count; index++)
        {
            var target = rooms[index % rooms.Count].Target(index / rooms.Count);
            Subscriber subscriber = kind switch
            {
                TransportKind.WebSocket => new WebSocketSubscriber(tally, target, after),
                TransportKind.Sse => new SseSubscriber(tally, target, after),
                _ => new PollSubscriber(tally, target, after),
            };
            fleet._subscribers.Add(subscriber);
            await subscriber.StartAsync(cancellationToken);
            // No more than a few handshakes under way: the run measures deliveries, not a connect storm ("storm" does that).
            while (index + 1 - tally.Welcomed - tally.Ended > 64) await Task.Delay(1, cancellationToken);
            progress?.Invoke(index + 1);
        }
        await UntilAsync("all clients were welcomed", () => tally.Welcomed + tally.Ended >= count, cancellationToken);
        if (tally.Ended > 0) throw new BenchException($"{tally.Ended} of {count} connections were refused or lost while connecting");
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
