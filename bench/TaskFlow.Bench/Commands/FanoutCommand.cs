using TaskFlow.Bench.Clients;
using TaskFlow.Bench.Measuring;
using TaskFlow.Bench.Setup;

namespace TaskFlow.Bench.Commands;

/// <summary>How the cost of a delivery grows with clients and workspaces (WebSocket).</summary>
internal static class FanoutCommand
{
    public static async Task<bool> RunAsync(BenchOptions options, int[] sizes, int workspaces, CancellationToken cancellationToken)
    {
        var report = new Report($"{workspaces} workspace(s), {options.Rate} updates/s each for {options.Duration.TotalSeconds:0} s");
        var perfect = true;
        foreach (var size in sizes)
        {
            var rooms = await Delivery.RoomsAsync(options, workspaces, size, cancellationToken);
            var result = await Delivery.RunAsync(options, options.Stream, rooms, size, $"{size} clients", cancellationToken);
            perfect &= result.IsPerfect;
            report.Add($"{size} clients", result.Figures());
            rooms.ForEach(room => room.Dispose());
        }
        await report.WriteAsync(options.Json, cancellationToken);
        return perfect;
    }
}
