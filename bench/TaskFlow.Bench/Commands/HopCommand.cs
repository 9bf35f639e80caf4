using TaskFlow.Bench.Clients;
using TaskFlow.Bench.Measuring;
using TaskFlow.Bench.Setup;

namespace TaskFlow.Bench.Commands;

/// <summary>The push tier alone at a steady rate: events put onto the Redis channels, and what the clients saw of them; beside clients that do not read, if wanted.</summary>
internal static class HopCommand
{
    public static async Task<bool> RunAsync(BenchOptions options, TransportKind kind, string postgres, string redis, int workspaces, int stalled, int bytes, CancellationToken cancellationToken)
    {
        var servers = await ServerProcesses.FindAsync(options, cancellationToken);
        var rooms = await Delivery.RoomsAsync(options, workspaces, options.Connections + stalled, cancellationToken);
        var head = await Delivery.CommonHeadAsync(rooms, cancellationToken);
        await using var injector = await Injector.CreateAsync(postgres, redis, rooms, head, bytes);
        using var idle = await Delivery.WithProgress("clients that stop reading", stalled,
            progress => Fleet.ConnectAsync(TransportKind.Stalled, rooms, stalled, new Tally(), head, progress, cancellationToken, skip: options.Connections));
        var before = servers.Rss("push");
        var result = await Delivery.RunAsync(options, kind, rooms, head, options.Connections, $"{options.Connections} clients", Parts(options.Rate, workspaces), (_, part, tally) =>
        {
            // The rooms' events are spread over the time until the next ones: people in different rooms do not move together.
            var (first, next) = Share(part, Parts(options.Rate, workspaces), workspaces);
            for (var room = first; room < next; room++) injector.Inject(room, 1, tally.Sent);
            return Task.CompletedTask;
        }, cancellationToken);
        var report = new Report($"{options.Connections} clients{(workspaces > 1 ? $" in {workspaces} workspaces" : "")}{(stalled > 0 ? $" beside {stalled} that stop reading" : "")}, " +
            $"{options.Rate} events/s of {bytes} bytes{(workspaces > 1 ? " in each" : "")} for {options.Duration.TotalSeconds:0} s, from Redis to the client's read");
        report.Add(kind.ToString(), [.. result.Figures(), ("push RSS MiB", before / 1048576.0, "0"), ("then", servers.Rss("push") / 1048576.0, "0")]);
        await report.WriteAsync(options.Json, cancellationToken);
        rooms.ForEach(room => room.Dispose());
        return result.IsPerfect;
    }

    /// <summary>In how many parts each event's rooms get theirs: one every 5 ms, since timers are no finer.</summary>
    private static int Parts(int rate, int workspaces) => Math.Clamp(200 / rate, 1, workspaces);

    private static (int First, int Next) Share(int part, int parts, int workspaces) => ((int)((long)workspaces * part / parts), (int)((long)workspaces * (part + 1) / parts));
}
