using System.Diagnostics;
using Spectre.Console;
using TaskFlow.Bench.Clients;
using TaskFlow.Bench.Measuring;
using TaskFlow.Bench.Setup;

namespace TaskFlow.Bench.Commands;

/// <summary>What one measured stretch of deliveries came to.</summary>
/// <param name="Tally">What the clients counted, before it too.</param>
/// <param name="Count">How many deliveries there were in it.</param>
/// <param name="Elapsed">How long it took.</param>
/// <param name="PushCpu">Push's CPU time; null where its process is not known.</param>
/// <param name="ApiCpu">The same of the Api.</param>
/// <param name="ClientCpu">The same of this process.</param>
/// <param name="Clients">How many clients there were.</param>
/// <param name="Lost">How many of them did not get to the last seq.</param>
internal sealed record Delivered(Tally Tally, long Count, TimeSpan Elapsed, TimeSpan? PushCpu, TimeSpan? ApiCpu, TimeSpan ClientCpu, int Clients, int Lost)
{
    /// <summary>Push's CPU time per event and client, microseconds.</summary>
    public double? CpuPerDelivery => PushCpu?.TotalMicroseconds / Math.Max(1, Count);

    /// <summary>Every client got every seq once, in order.</summary>
    public bool IsPerfect => Tally.Doubled == 0 && Tally.Skipped == 0 && Tally.Ended == 0 && Lost == 0;

    public (string, object?, string)[] Figures() =>
    [
        ("avg ms", Tally.Latency.TotalCount == 0 ? null : Tally.MeanLatency / 1000, "0.0"),
        ("p50 ms", Percentile(50), "0.0"),
        ("p95 ms", Percentile(95), "0.0"),
        ("p99 ms", Percentile(99), "0.0"),
        ("max ms", Percentile(100), "0.0"),
        ("deliveries/s", Count / Elapsed.TotalSeconds, "#,0"),
        ("push CPU %", PushCpu / Elapsed * 100, "0"),
        ("CPU µs/delivery", CpuPerDelivery, "0.00"),
        ("client CPU %", ClientCpu / Elapsed * 100, "0"),
        ("each once, in order", IsPerfect ? "yes" : $"NO: {Lost} lost, {Tally.Doubled} doubled, {Tally.Skipped} skipped, {Tally.Ended} disconnected", ""),
    ];

    private double? Percentile(double percentile) => Tally.Latency.TotalCount == 0 ? null : Tally.Latency.GetValueAtPercentile(percentile) / 1000.0;
}

/// <summary>Updates at a steady rate, and what the clients saw of them.</summary>
internal static class Delivery
{
    /// <summary>The transports that a run compares; WebSocket is the one that most commands use.</summary>
    public static readonly TransportKind[] Transports = [TransportKind.WebSocket, TransportKind.Sse, TransportKind.Poll];

    /// <summary>Updates that are made and checked, but not measured: the first ones run code that is only being compiled, on this side and on the other.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);

    /// <summary>Updates through the whole path: each is a PATCH in every room.</summary>
    public static async Task<Delivered> RunAsync(BenchOptions options, TransportKind kind, IReadOnlyList<Room> rooms, int connections, string label, CancellationToken cancellationToken)
    {
        var head = await CommonHeadAsync(rooms, cancellationToken);
        return await RunAsync(options, kind, rooms, head, connections, label, 1, async (seq, _, tally) =>
        {
            // One workspace: seqs follow the order of the requests. Several: all get the same seq at nearly the same time.
            for (var room = 0; room < rooms.Count; room++) tally.Sent(room, seq);
            await Task.WhenAll(rooms.Select(room => room.PatchAsync(cancellationToken)));
        }, cancellationToken);
    }

    /// <summary>The head of all the rooms' workspaces.</summary>
    public static async Task<long> CommonHeadAsync(IReadOnlyList<Room> rooms, CancellationToken cancellationToken)
    {
        var head = await rooms[0].HeadAsync(cancellationToken);
        foreach (var room in rooms)
        {
            if (await room.HeadAsync(cancellationToken) != head) throw new BenchException("the rooms are not at the same seq");
        }
        return head;
    }

    /// <param name="options">Rate, duration and servers.</param>
    /// <param name="kind">What the clients are.</param>
    /// <param name="rooms">Where they are.</param>
    /// <param name="head">The last seq in all the rooms.</param>
    /// <param name="connections">How many clients there are in all.</param>
    /// <param name="label">Shown while they connect.</param>
    /// <param name="parts">In how many parts an event is made, spread evenly over the time until the next one.</param>
    /// <param name="update">Makes a part of the event with that seq, all parts together in every room, and tells the tally when it begins to.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    public static async Task<Delivered> RunAsync(BenchOptions options, TransportKind kind, IReadOnlyList<Room> rooms, long head, int connections, string label,
        int parts, Func<long, int, Tally, Task> update, CancellationToken cancellationToken)
    {
        var servers = await ServerProcesses.FindAsync(options, cancellationToken);
        var warmUp = (int)(options.Rate * WarmUp.TotalSeconds);
        var count = (int)(options.Rate * options.Duration.TotalSeconds);
        var tally = new Tally(head + warmUp + 1, count, rooms.Count);
        using var fleet = await WithProgress(label, connections, progress => Fleet.ConnectAsync(kind, rooms, connections, tally, head, progress, cancellationToken));
        await UpdateAsync(warmUp, head);
        var (delivered, push, api, client) = (tally.Delivered, servers.Cpu("push"), servers.Cpu("api"), Process.GetCurrentProcess().TotalProcessorTime);
        var watch = Stopwatch.StartNew();
        var lost = await UpdateAsync(count, head + warmUp);
        var elapsed = watch.Elapsed;
        return new Delivered(tally, tally.Delivered - delivered, elapsed, servers.Cpu("push") - push, servers.Cpu("api") - api, Process.GetCurrentProcess().TotalProcessorTime - client,
            connections, lost);

        // That many updates behind that seq, seen by all; returns how many clients did not.
        async Task<int> UpdateAsync(int updates, long after)
        {
            using (var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / options.Rate / parts)))
            {
                for (var i = 0; i < updates * parts; i++)
                {
                    await timer.WaitForNextTickAsync(cancellationToken);
                    await update(after + 1 + (i / parts), i % parts, tally);
                }
            }
            try { await fleet.UntilAtAsync(after + updates, cancellationToken); }
            catch (BenchException) { AnsiConsole.MarkupLine("[red]not every client reached the head[/]"); }
            return connections - fleet.At(after + updates);
        }
    }

    /// <summary>Makes rooms until the people can hold that many connections each.</summary>
    public static async Task<List<Room>> RoomsAsync(BenchOptions options, int rooms, int connections, CancellationToken cancellationToken)
    {
        var made = new List<Room>();
        await WithProgress($"{rooms} workspace(s)", rooms, async progress =>
        {
            for (var i = 0; i < rooms; i++)
            {
                // A person has many rooms; registering one for each would take longer than the run.
                var owner = i % Room.RoomsPerPerson == 0 ? null : made[^1];
                made.Add(await Room.CreateAsync(options, i, (connections + rooms - 1) / rooms, owner, cancellationToken));
                progress(i + 1);
            }
            return 0;
        });
        return made;
    }

    public static Task<T> WithProgress<T>(string label, int total, Func<Action<int>, Task<T>> work) =>
        AnsiConsole.Progress().AutoClear(true).StartAsync(async context =>
        {
            var task = context.AddTask(label, maxValue: total);
            return await work(value => task.Value = value);
        });
}
