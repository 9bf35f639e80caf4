using System.Diagnostics;
using System.Globalization;
using TaskFlow.Testing;

namespace TaskFlow.Chaos.Tests;

/// <summary>
/// Breaks the real parts, one after another, under load, and holds what every reader received against the log. <c>TASKFLOW_CHAOS=long</c> also pauses each
/// part for 20 seconds and kills them in pairs. The seed is printed; <c>TASKFLOW_CHAOS_SEED</c> repeats a run.
/// </summary>
public sealed class FaultTests(ITestOutputHelper output)
{
    private const int PushReplicas = 2;

    private static readonly string[] Parts = ["push", "api", "redis", "push-dapr", "api-dapr", "postgres"];

    private static readonly bool Long = Environment.GetEnvironmentVariable("TASKFLOW_CHAOS") == "long";

    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("TASKFLOW_CHAOS_SEED"), CultureInfo.InvariantCulture, out var seed)
        ? seed : Random.Shared.Next(1, 1_000_000);

    private readonly string _token = Guid.NewGuid().ToString("N");

    [Fact]
    public async Task Nothing_is_lost_doubled_or_out_of_order_whatever_breaks()
    {
        Say($"seed {Seed}");
        await using var system = await TaskFlowSystem.StartAsync($"--Push:Replicas={PushReplicas}", "--RateLimits:General=1000000", $"--Parameters:app-api-token={_token}");
        await using var load = await Load.StartAsync(system, workspaces: Long ? 6 : 3, Seed);
        var random = new Random(Seed);
        var broken = new List<string>();
        Say("| fault | acknowledged writes | lost | doubled | out of order | longest delivery gap | recovery after mending |\n|---|---|---|---|---|---|---|");
        foreach (var fault in Faults())
        {
            var before = load.Acknowledged;
            load.Write();
            await load.RecoverAsync();
            var from = Stopwatch.GetTimestamp();
            await fault.BreakAsync(system);
            await Task.Delay(fault.Duration ?? TimeSpan.FromMilliseconds(random.Next(1500, 3000)), TestContext.Current.CancellationToken);
            await fault.MendAsync(system);
            var recovery = await load.RecoverAsync();
            var report = await load.SettleAsync(from);
            Say(string.Create(CultureInfo.InvariantCulture,
                $"| {fault.Name} | {report.Acknowledged - before} | {report.NotInLog + report.Delivery.Lost} | {report.Delivery.Doubled} | {report.Delivery.OutOfOrder} | {report.LongestGap.TotalSeconds:0.0} s | {recovery.TotalSeconds:0.0} s |"));
            if (!report.IsPerfect) broken.Add($"{fault.Name}: {report}");
        }
        Assert.Empty(broken);
    }

    private IEnumerable<Fault> Faults()
    {
        foreach (var part in Parts) yield return Fault.Kill(part);
        yield return Fault.Flush;
        yield return Fault.Meddle(_token, Seed);
        yield return Fault.Roll("push", PushReplicas);
        yield return Fault.Pause("push", TimeSpan.FromSeconds(Long ? 20 : 8));
        if (!Long) yield break;
        foreach (var part in Parts.Skip(1)) yield return Fault.Pause(part, TimeSpan.FromSeconds(20));
        for (var i = 0; i < Parts.Length; i++)
        {
            for (var j = i + 1; j < Parts.Length; j++) yield return Fault.Both(Fault.Kill(Parts[i]), Fault.Kill(Parts[j]));
        }
    }

    /// <summary>At once on the console too: whoever waits for minutes wants to see how far it is.</summary>
    private void Say(string line)
    {
        output.WriteLine(line);
        Console.WriteLine(line);
    }
}
