using System.Globalization;
using TaskFlow.Bench.Clients;
using TaskFlow.Bench.Measuring;
using TaskFlow.Bench.Setup;

namespace TaskFlow.Bench.Commands;

/// <summary>Steady load for minutes, with memory, handles and lag sampled: what grows is a leak.</summary>
internal static class SoakCommand
{
    public static async Task<bool> RunAsync(BenchOptions options, int minutes, CancellationToken cancellationToken)
    {
        var servers = await ServerProcesses.FindAsync(options, cancellationToken);
        var report = new Report($"soak: {options.Connections} WebSockets, {options.Rate} updates/s, {minutes} minutes");
        var perfect = true;
        // An access token is good for 15 minutes; each slice connects anew with new people, so that connecting and leaving are soaked as well.
        var slice = TimeSpan.FromMinutes(1);
        for (var minute = 1; minute <= minutes; minute++)
        {
            var rooms = await Delivery.RoomsAsync(options, 1, options.Connections, cancellationToken);
            var result = await Delivery.RunAsync(options with { Duration = slice }, TransportKind.WebSocket, rooms, options.Connections, $"minute {minute} of {minutes}", cancellationToken);
            perfect &= result.IsPerfect;
            report.Add(minute.ToString(CultureInfo.InvariantCulture),
                ("p50 ms", result.Tally.Latency.GetValueAtPercentile(50) / 1000.0, "0.0"), ("p99 ms", result.Tally.Latency.GetValueAtPercentile(99) / 1000.0, "0.0"),
                ("api MiB", servers.Rss("api") / 1048576.0, "0"), ("push MiB", servers.Rss("push") / 1048576.0, "0"),
                ("api-dapr MiB", servers.Rss("api-dapr") / 1048576.0, "0"), ("push-dapr MiB", servers.Rss("push-dapr") / 1048576.0, "0"), ("redis MiB", servers.Rss("redis") / 1048576.0, "0"),
                ("api handles", servers.Handles("api"), "0"), ("push handles", servers.Handles("push"), "0"),
                ("lost", result.Lost + result.Tally.Skipped, "0"), ("doubled", result.Tally.Doubled, "0"));
            rooms.ForEach(room => room.Dispose());
        }
        await report.WriteAsync(options.Json, cancellationToken);
        return perfect;
    }
}
