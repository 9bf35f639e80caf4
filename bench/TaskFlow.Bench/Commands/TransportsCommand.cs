using TaskFlow.Bench.Clients;
using TaskFlow.Bench.Measuring;
using TaskFlow.Bench.Setup;

namespace TaskFlow.Bench.Commands;

/// <summary>The study's table on the running system: the same updates to the same number of clients, by each transport in turn.</summary>
internal static class TransportsCommand
{
    public static async Task<bool> RunAsync(BenchOptions options, IEnumerable<TransportKind> kinds, CancellationToken cancellationToken)
    {
        var report = new Report($"{options.Connections} clients, {options.Rate} updates/s for {options.Duration.TotalSeconds:0} s, from PATCH to the client's read");
        var perfect = true;
        foreach (var kind in kinds)
        {
            var rooms = await Delivery.RoomsAsync(options, 1, options.Connections, cancellationToken);
            var result = await Delivery.RunAsync(options, kind, rooms, options.Connections, kind.ToString(), cancellationToken);
            perfect &= result.IsPerfect;
            report.Add(kind.ToString(), [.. result.Figures(), ("connections/client", kind == TransportKind.Poll ? "1, kept alive" : "1", "")]);
            rooms.ForEach(room => room.Dispose());
        }
        await report.WriteAsync(options.Json, cancellationToken);
        return perfect;
    }
}
