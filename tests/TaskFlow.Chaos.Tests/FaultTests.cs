using System.Diagnostics;
using System.Globalization;
using TaskFlow.Testing;

namespace TaskFlow.Chaos.Tests;

/// <summary>
/// Breaks the real parts, one after another, under load, and holds what every reader received against the log. <c>TASKFLOW_CHAOS=short</c> kills each part
/// once; <c>long</c> also runs pairs and pauses of 20 seconds of everything. The seed is printed; <c>TASKFLOW_CHAOS_SEED</c> repeats a run.
/// </summary>
public sealed class FaultTests(ITestOutputHelper output)
{
    private static readonly bool Long = Environment.GetEnvironmentVariable("TASKFLOW_CHAOS") == "long";

    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("TASKFLOW_CHAOS_SEED"), CultureInfo.InvariantCulture, out var seed)
        ? seed : Random.Shared.Next(1, 1_000_000);

    private static IEnumerable<Fault> Faults()
    {
        string[] parts = ["push", "api", "redis", "push-dapr", "api-dapr", "postgres"];
        foreach (var part in parts) yield return Fault.Kill(part);
        yield return Fault.Flush;
        yield return Fault.Pause("push");
        if (!Long) yield break;
        foreach (var part in parts.Skip(1)) yield return Fault.Pause(part);
        for (var i = 0; i < parts.Length; i++)
        {
            for (var j = i + 1; j < parts.Length; j++) yield return Fault.Both(Fault.Kill(parts[i]), Fault.Kill(parts[j]));
        }
    }

    [Fact]
    public async Task Nothing_is_lost_doubled_or_out_of_order_whatever_is_killed()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("TASKFLOW_CHAOS") is null, "The fault run takes minutes and a quiet machine: set TASKFLOW_CHAOS=short or long.");
        output.WriteLine($"seed {Seed}");
        await using var system = await TaskFlowSystem.StartAsync("--Push:Replicas=2", "--RateLimits:General=1000000");
        await using var load = await Load.StartAsync(system, workspaces: Long ? 6 : 3, Seed);
        var random = new Random(Seed);
        var rows = new List<string>();
        var broken = new List<string>();
        foreach (var fault in Faults())
        {
            var before = load.Acknowledged;
            load.Write();
            await load.RecoverAsync();
            var from = Stopwatch.GetTimestamp();
            await fault.BreakAsync(system);
            await Task.Delay(fault.Name.StartsWith("SIGSTOP", StringComparison.Ordinal) ? TimeSpan.FromSeconds(Long ? 20 : 8) : TimeSpan.FromMilliseconds(random.Next(1500, 3000)), TestContext.Current.CancellationToken);
            await fault.MendAsync(system);
            var recovery = await load.RecoverAsync();
            var report = await load.SettleAsync(from);
            rows.Add(string.Create(CultureInfo.InvariantCulture,
                $"| {fault.Name} | {report.Acknowledged - before} | {report.NotInLog + report.Delivery.Lost} | {report.Delivery.Doubled} | {report.Delivery.OutOfOrder} | {report.LongestGap.TotalSeconds:0.0} s | {recovery.TotalSeconds:0.0} s |"));
            output.WriteLine(rows[^1]);
            if (!report.IsPerfect) broken.Add($"{fault.Name}: {report}");
        }
        output.WriteLine("| fault | acknowledged writes | lost | doubled | out of order | longest delivery gap | recovery after mending |\n|---|---|---|---|---|---|---|\n" + string.Join('\n', rows));
        Assert.Empty(broken);
    }
}
