using System.Diagnostics;
using TaskFlow.Bench.Clients;
using TaskFlow.Bench.Measuring;
using TaskFlow.Bench.Setup;

namespace TaskFlow.Bench.Commands;

/// <summary>A reconnect storm: all clients at once resume behind a seq that is a number of events old.</summary>
internal static class StormCommand
{
    public static async Task<bool> RunAsync(BenchOptions options, int missed, CancellationToken cancellationToken)
    {
        var servers = await ServerProcesses.FindAsync(options, cancellationToken);
        var rooms = await Delivery.RoomsAsync(options, 1, options.Connections, cancellationToken);
        var from = await rooms[0].HeadAsync(cancellationToken);
        for (var i = 0; i < missed; i++) await rooms[0].PatchAsync(cancellationToken);
        var tally = new Tally();
        var cpu = servers.Cpu("push");
        var watch = Stopwatch.StartNew();
        using var fleet = await Delivery.WithProgress("resuming", options.Connections,
            progress => Fleet.ConnectAsync(TransportKind.WebSocket, rooms, options.Connections, tally, from, progress, cancellationToken));
        await fleet.UntilAtAsync(from + missed, cancellationToken);
        var elapsed = watch.Elapsed;
        var perfect = tally is { Doubled: 0, Skipped: 0, Ended: 0 };
        var report = new Report($"{options.Connections} clients resume {missed} missed events each");
        report.Add("storm", ("s until all are at the head", elapsed.TotalSeconds, "0.00"), ("connects/s", options.Connections / elapsed.TotalSeconds, "#,0"),
            ("deliveries/s", tally.Delivered / elapsed.TotalSeconds, "#,0"), ("push CPU s", (servers.Cpu("push") - cpu)?.TotalSeconds, "0.00"), ("each once, in order", perfect ? "yes" : "NO", ""));
        await report.WriteAsync(options.Json, cancellationToken);
        rooms.ForEach(room => room.Dispose());
        return perfect;
    }
}
