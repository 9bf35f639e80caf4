using StackExchange.Redis;
using TaskFlow.Testing;

namespace TaskFlow.Chaos.Tests;

/// <summary>Something that breaks and is mended again.</summary>
/// <param name="Name">As it stands in the table of docs/operations.md.</param>
/// <param name="BreakAsync">Breaks it, in the running system.</param>
/// <param name="MendAsync">Starts it again, as an operator or orchestrator would.</param>
internal sealed record Fault(string Name, Func<TaskFlowSystem, Task> BreakAsync, Func<TaskFlowSystem, Task> MendAsync)
{
    public static Fault Kill(string resource, int replica = 0) => new($"kill -9 {resource}",
        system => system.Resources.KillAsync(resource, replica),
        system => system.Resources.StartAsync(resource, replica));

    public static Fault Pause(string resource) => new($"SIGSTOP {resource}",
        system => system.Resources.SignalAsync("STOP", resource),
        system => system.Resources.SignalAsync("CONT", resource));

    public static Fault Flush { get; } = new("FLUSHALL", FlushAsync, _ => Task.CompletedTask);

    public static Fault Both(Fault one, Fault other) => new($"{one.Name} + {other.Name}",
        async system => { await one.BreakAsync(system); await other.BreakAsync(system); },
        async system => { await one.MendAsync(system); await other.MendAsync(system); });

    private static async Task FlushAsync(TaskFlowSystem system)
    {
        var options = ConfigurationOptions.Parse(await system.ConnectionStringAsync("redis"));
        options.AllowAdmin = true;
        await using var redis = await ConnectionMultiplexer.ConnectAsync(options);
        foreach (var server in redis.GetServers()) await server.FlushAllDatabasesAsync();
    }
}
