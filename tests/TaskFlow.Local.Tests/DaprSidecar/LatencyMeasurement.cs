using System.Diagnostics;
using System.Threading.Channels;
using Dapr.Client;
using TaskFlow.Local.Tests.DaprSidecar.Support;

namespace TaskFlow.Local.Tests.DaprSidecar;

/// <summary>Not a test: prints how long the hop takes and what it costs. local/DaprSidecar/README.md has the command and results.</summary>
public sealed class LatencyMeasurement(RedisProcess redis)
{
    // Until the compiler has done its work on both sides.
    private const int WarmUp = 3000;
    private const int Messages = 1000;
    private const int BulkMessages = 20_000;

    private static readonly string Components = Path.Combine(Programs.Repository, "components");

    private readonly string _topic = TaskFlow.Contracts.Topology.EventsTopic;

    [Fact(Explicit = true)]
    public async Task Publish_to_delivery()
    {
        await using var app = await SubscriberApp.StartAsync(_topic);
        await using var push = await SidecarProcess.StartAsync("push", Components, redis.Address, app, ["--enable-app-health-check"]);
        await using var api = await SidecarProcess.StartAsync("api", Components, redis.Address);
        await push.UntilReadyAsync();
        using var client = api.Client();
        var payload = new { text = new string('x', 300), n = 0 };
        for (var n = 0; n < WarmUp; n++) await client.PublishEventAsync("pubsub", _topic, payload, Wait.Deadline());
        await Wait.UntilAsync(() => app.All.Count == WarmUp, "warm");

        var arrived = Channel.CreateUnbounded<long>();
        app.Answer = _ =>
        {
            arrived.Writer.TryWrite(Stopwatch.GetTimestamp());
            return Task.FromResult(Microsoft.AspNetCore.Http.Results.Ok());
        };
        var (apiBefore, pushBefore) = (api.Process.CpuTime, push.Process.CpuTime);
        var hops = new List<double>();
        for (var n = 0; n < Messages; n++)
        {
            var started = Stopwatch.GetTimestamp();
            await client.PublishEventAsync("pubsub", _topic, payload, Wait.Deadline());
            hops.Add(Stopwatch.GetElapsedTime(started, await arrived.Reader.ReadAsync(Wait.Deadline())).TotalMilliseconds);
        }
        var (apiCost, pushCost) = (api.Process.CpuTime - apiBefore, push.Process.CpuTime - pushBefore);
        hops.Sort();
        Print($"one at a time: p50 {hops[Messages / 2]:0.00} ms, p90 {hops[Messages * 9 / 10]:0.00} ms, p99 {hops[Messages * 99 / 100]:0.00} ms; "
            + $"CPU per message: publisher's sidecar {apiCost.TotalMicroseconds / Messages:0} µs, subscriber's {pushCost.TotalMicroseconds / Messages:0} µs");

        app.Answer = _ => Task.FromResult(Microsoft.AspNetCore.Http.Results.Ok());
        app.All.Clear();
        (apiBefore, pushBefore) = (api.Process.CpuTime, push.Process.CpuTime);
        var watch = Stopwatch.StartNew();
        for (var n = 0; n < BulkMessages; n += 100)
        {
            await client.BulkPublishEventAsync("pubsub", _topic, Enumerable.Repeat(payload, 100).ToList(), cancellationToken: Wait.Deadline());
            // Below maxLenApprox: what is dropped is not measured.
            while (n - app.All.Count > 5000) await Task.Delay(1);
        }
        await Wait.UntilAsync(() => app.All.Count == BulkMessages, "all arrive");
        Print($"in bulk: {BulkMessages / watch.Elapsed.TotalSeconds:0} messages/s; CPU per message: publisher's sidecar "
            + $"{(api.Process.CpuTime - apiBefore).TotalMicroseconds / BulkMessages:0} µs, subscriber's {(push.Process.CpuTime - pushBefore).TotalMicroseconds / BulkMessages:0} µs");

        (apiBefore, pushBefore) = (api.Process.CpuTime, push.Process.CpuTime);
        await Task.Delay(TimeSpan.FromSeconds(10));
        Print($"idle: publisher's sidecar {(api.Process.CpuTime - apiBefore).TotalMilliseconds / 10:0.0} ms/s, subscriber's {(push.Process.CpuTime - pushBefore).TotalMilliseconds / 10:0.0} ms/s; "
            + $"resident {Resident(api)} and {Resident(push)} MB");
    }

    private static long Resident(SidecarProcess sidecar)
    {
        using var process = Process.GetProcessById(sidecar.Process.Id);
        return process.WorkingSet64 >> 20;
    }

    private static void Print(string line) => TestContext.Current.TestOutputHelper!.WriteLine(line);
}
