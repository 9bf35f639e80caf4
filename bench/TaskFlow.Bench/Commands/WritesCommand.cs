using System.Diagnostics;
using HdrHistogram;
using TaskFlow.Bench.Measuring;
using TaskFlow.Bench.Setup;

namespace TaskFlow.Bench.Commands;

/// <summary>Writers in many workspaces, each with one request under way: writes per second and the latency of a PATCH.</summary>
internal static class WritesCommand
{
    public static async Task<bool> RunAsync(BenchOptions options, int workspaces, int writers, CancellationToken cancellationToken)
    {
        var servers = await ServerProcesses.FindAsync(options, cancellationToken);
        var rooms = await Delivery.RoomsAsync(options, workspaces, 1, cancellationToken);
        var heads = new long[workspaces];
        for (var i = 0; i < workspaces; i++) heads[i] = await rooms[i].HeadAsync(cancellationToken);
        foreach (var room in rooms) await room.PatchAsync(cancellationToken);

        var latencies = new LongConcurrentHistogram(1, 60_000_000, 3);
        var counts = new int[workspaces];
        var (api, watch) = (servers.Cpu("api"), Stopwatch.StartNew());
        await Delivery.WithProgress("writing", (int)options.Duration.TotalSeconds, async progress =>
        {
            var work = Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(async () =>
            {
                for (var i = writer; watch.Elapsed < options.Duration; i += writers)
                {
                    var index = i % workspaces;
                    var start = Stopwatch.GetTimestamp();
                    await rooms[index].PatchAsync(cancellationToken);
                    latencies.RecordValue((long)Stopwatch.GetElapsedTime(start).TotalMicroseconds);
                    Interlocked.Increment(ref counts[index]);
                }
            }, cancellationToken)));
            while (await Task.WhenAny(work, Task.Delay(1000, cancellationToken)) != work) progress((int)watch.Elapsed.TotalSeconds);
            await work;
            return 0;
        });
        var elapsed = watch.Elapsed;
        var cpu = servers.Cpu("api") - api;
        var perfect = true;
        for (var i = 0; i < workspaces; i++) perfect &= await rooms[i].HeadAsync(cancellationToken) == heads[i] + 1 + counts[i];
        var report = new Report($"{writers} writers over {workspaces} workspaces for {elapsed.TotalSeconds:0} s");
        report.Add("PATCH", ("writes/s", counts.Sum() / elapsed.TotalSeconds, "#,0"), ("p50 ms", latencies.GetValueAtPercentile(50) / 1000.0, "0.0"),
            ("p95 ms", latencies.GetValueAtPercentile(95) / 1000.0, "0.0"), ("p99 ms", latencies.GetValueAtPercentile(99) / 1000.0, "0.0"),
            ("api CPU µs/write", cpu?.TotalMicroseconds / Math.Max(1, counts.Sum()), "0"), ("one seq per write", perfect ? "yes" : "NO", ""));
        await report.WriteAsync(options.Json, cancellationToken);
        rooms.ForEach(room => room.Dispose());
        return perfect;
    }
}
