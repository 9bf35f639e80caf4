using System.Diagnostics;
using TaskFlow.Bench.Clients;
using TaskFlow.Bench.Measuring;
using TaskFlow.Bench.Setup;

namespace TaskFlow.Bench.Commands;

/// <summary>What an idle connection costs: resident memory and CPU of Push with that many of them, heartbeats included.</summary>
internal static class IdleCommand
{
    public static async Task<bool> RunAsync(BenchOptions options, CancellationToken cancellationToken)
    {
        var servers = await ServerProcesses.FindAsync(options, cancellationToken);
        var rooms = await Delivery.RoomsAsync(options, 1, options.Connections, cancellationToken);
        var head = await rooms[0].HeadAsync(cancellationToken);
        var before = servers.Rss("push");
        var tally = new Tally();
        using var fleet = await Delivery.WithProgress("connecting", options.Connections,
            progress => Fleet.ConnectAsync(TransportKind.WebSocket, rooms, options.Connections, tally, head, progress, cancellationToken));
        var (cpu, watch) = (servers.Cpu("push"), Stopwatch.StartNew());
        await Task.Delay(options.Duration, cancellationToken);
        var after = servers.Rss("push");
        var report = new Report($"{options.Connections} idle WebSockets for {options.Duration.TotalSeconds:0} s");
        report.Add("push",
            ("RSS before MiB", before / 1048576.0, "0.0"), ("RSS with them MiB", after / 1048576.0, "0.0"),
            ("KiB per connection", (after - before) / 1024.0 / options.Connections, "0.00"),
            ("CPU %", (servers.Cpu("push") - cpu) / watch.Elapsed * 100, "0.0"),
            ("still connected", fleet.Count - tally.Ended, "#,0"));
        await report.WriteAsync(options.Json, cancellationToken);
        rooms.ForEach(room => room.Dispose());
        return tally.Ended == 0;
    }
}
