using StackExchange.Redis;
using TaskFlow.Testing;

namespace TaskFlow.Chaos.Tests;

/// <summary>Something that breaks and is mended again.</summary>
/// <param name="Name">As it stands in the table of docs/operations.md.</param>
/// <param name="BreakAsync">Breaks it, in the running system.</param>
/// <param name="MendAsync">Starts it again, as an operator or orchestrator would.</param>
internal sealed record Fault(string Name, Func<TaskFlowSystem, Task> BreakAsync, Func<TaskFlowSystem, Task> MendAsync)
{
    /// <summary>How long it stays broken; null for a second or three, as chance has it.</summary>
    public TimeSpan? Duration { get; init; }

    public static Fault Kill(string resource, int replica = 0) => new($"kill -9 {resource}",
        system => system.Resources.KillAsync(resource, replica),
        system => system.Resources.StartAsync(resource, replica));

    public static Fault Pause(string resource, TimeSpan duration) => new($"pause {resource} for {duration.TotalSeconds:0} s",
        system => system.Resources.SignalAsync("STOP", resource),
        system => system.Resources.SignalAsync("CONT", resource))
    {
        Duration = duration,
    };

    public static Fault Flush { get; } = new("FLUSHALL", FlushAsync, _ => Task.CompletedTask);

    public static Fault Both(Fault one, Fault other) => new($"{one.Name} + {other.Name}",
        async system => { await one.BreakAsync(system); await other.BreakAsync(system); },
        async system => { await one.MendAsync(system); await other.MendAsync(system); });

    /// <summary>A deploy: one instance after the other is asked to end, drains, and comes back.</summary>
    public static Fault Roll(string resource, int replicas) => new($"rolling restart of {resource}",
        async system =>
        {
            for (var replica = 0; replica < replicas; replica++)
            {
                await system.Resources.RestartAsync(resource, replica);
                await system.Resources.HealthyAsync(resource, replica);
            }
        },
        _ => Task.CompletedTask);

    /// <summary>Messages between sidecar and Push are dropped, doubled and reordered until enough have been.</summary>
    public static Fault Meddle(string token, int seed)
    {
        Meddler? meddler = null;
        return new("messages dropped, doubled, reordered",
            async system =>
            {
                meddler = await Meddler.StartAsync(system, token, seed);
                await system.Resources.StopAsync("push-dapr");
                await Deadline.UntilAsync("messages are dropped, doubled and reordered", () => Task.FromResult(meddler is { Dropped: > 20, Doubled: > 20, Reordered: > 20 }));
            },
            async system =>
            {
                await system.Resources.StartAsync("push-dapr");
                await meddler!.DisposeAsync();
            });
    }

    private static async Task FlushAsync(TaskFlowSystem system)
    {
        var options = ConfigurationOptions.Parse(await system.ConnectionStringAsync("redis"));
        options.AllowAdmin = true;
        await using var redis = await ConnectionMultiplexer.ConnectAsync(options);
        foreach (var server in redis.GetServers()) await server.FlushAllDatabasesAsync();
    }
}
