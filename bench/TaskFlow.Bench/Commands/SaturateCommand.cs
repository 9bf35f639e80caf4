using System.Diagnostics;
using TaskFlow.Bench.Clients;
using TaskFlow.Bench.Measuring;
using TaskFlow.Bench.Setup;

namespace TaskFlow.Bench.Commands;

/// <summary>The push tier at its limit: a fixed number of events under way at all times, injected below the API.</summary>
internal static class SaturateCommand
{
    private const int Capacity = 2_000_000;

    public static async Task<bool> RunAsync(BenchOptions options, string postgres, string redis, int window, CancellationToken cancellationToken)
    {
        var servers = await ServerProcesses.FindAsync(options, cancellationToken);
        var rooms = await Delivery.RoomsAsync(options, 1, options.Connections, cancellationToken);
        var head = await rooms[0].HeadAsync(cancellationToken);
        var tally = new Tally(head + 1, Capacity);
        await using var injector = await Injector.CreateAsync(postgres, redis, rooms, head);
        using var fleet = await Delivery.WithProgress("connecting", options.Connections,
            progress => Fleet.ConnectAsync(options.Stream, rooms, options.Connections, tally, head, progress, cancellationToken));
        var (push, client) = (servers.Cpu("push"), Process.GetCurrentProcess().TotalProcessorTime);
        var watch = Stopwatch.StartNew();
        var last = head;
        await Delivery.WithProgress("saturating", (int)options.Duration.TotalSeconds, progress => Task.Run(() =>
        {
            while (watch.Elapsed < options.Duration && last - head < Capacity - window)
            {
                // Half a window at a time, when that much has arrived everywhere.
                last = injector.Inject(0, window - (int)(last - head - (tally.Delivered / options.Connections)), tally.Sent);
                tally.WaitFor((last - head - (window / 2)) * options.Connections, TimeSpan.FromSeconds(1));
                progress((int)watch.Elapsed.TotalSeconds);
            }
            return 0;
        }, cancellationToken));
        await fleet.UntilAtAsync(last, cancellationToken);
        var elapsed = watch.Elapsed;
        var result = new Delivered(tally, tally.Delivered, elapsed, servers.Cpu("push") - push, null, Process.GetCurrentProcess().TotalProcessorTime - client, options.Connections, options.Connections - fleet.At(last));
        var report = new Report($"{options.Connections} clients, {window} events in flight");
        report.Add(options.Stream.ToString(), [("events/s", (last - head) / elapsed.TotalSeconds, "#,0"), .. result.Figures()]);
        await report.WriteAsync(options.Json, cancellationToken);
        rooms.ForEach(room => room.Dispose());
        return result.IsPerfect;
    }
}
