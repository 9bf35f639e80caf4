using TaskFlow.Bench.Clients;
using TaskFlow.Bench.Measuring;
using TaskFlow.Bench.Setup;

namespace TaskFlow.Bench.Commands;

/// <summary>The push tier alone at a steady rate: events put onto the Redis channel, and what the clients saw of them; beside clients that do not read, if wanted.</summary>
internal static class HopCommand
{
    public static async Task<bool> RunAsync(BenchOptions options, string postgres, string redis, int stalled, int bytes, CancellationToken cancellationToken)
    {
        var servers = await ServerProcesses.FindAsync(options, cancellationToken);
        var rooms = await Delivery.RoomsAsync(options, 1, options.Connections + stalled, cancellationToken);
        var head = await rooms[0].HeadAsync(cancellationToken);
        await using var injector = await Injector.CreateAsync(postgres, redis, rooms[0], head, bytes);
        using var idle = await Delivery.WithProgress("clients that stop reading", stalled,
            progress => Fleet.ConnectAsync(TransportKind.Stalled, rooms, stalled, new Tally(), head, progress, cancellationToken, skip: options.Connections));
        var before = servers.Rss("push");
        var result = await Delivery.RunAsync(options, options.Stream, rooms, head, options.Connections, $"{options.Connections} clients", (_, tally) =>
        {
            injector.Inject(1, tally.Sent);
            return Task.CompletedTask;
        }, cancellationToken);
        var report = new Report($"{options.Connections} clients{(stalled > 0 ? $" beside {stalled} that stop reading" : "")}, {options.Rate} events/s of {bytes} bytes for {options.Duration.TotalSeconds:0} s, from Redis to the client's read");
        report.Add(options.Stream.ToString(), [.. result.Figures(), ("push RSS MiB", before / 1048576.0, "0"), ("then", servers.Rss("push") / 1048576.0, "0")]);
        await report.WriteAsync(options.Json, cancellationToken);
        rooms.ForEach(room => room.Dispose());
        return result.IsPerfect;
    }
}
