using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using TaskFlow.Push.WorkspaceLogs;

namespace TaskFlow.Push.Connections;

/// <summary>Whether the instance is on its way out: then it takes nobody in any more.</summary>
internal sealed class DrainState
{
    private volatile bool _started;

    public bool Started => _started;
    public void Start() => _started = true;
}

/// <summary>
/// On the stop signal, before the server stops: not ready any more, every client is told to go elsewhere at a time of its own, so that they do
/// not all come to the others in the same second, and whoever is still here at the end is closed with 1001.
/// </summary>
internal sealed class DrainService(DrainState state, OpenLogs logs, Clock clock, IOptions<RealtimeOptions> options, ILogger<DrainService> logger) : IHostedLifecycleService
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        state.Start();
        var connections = logs.All.SelectMany(log => log.Connections.All()).ToList();
        if (connections.Count == 0) return;
        var total = TimeSpan.FromSeconds(options.Value.DrainSeconds);
        logger.Draining(connections.Count, total.TotalSeconds);
        // The last fifth is for the closes themselves.
        var spread = (int)(total.TotalMilliseconds * 0.8);
        for (var i = 0; i < connections.Count; i++) connections[i].Send(Frames.GoAway((int)((long)spread * i / connections.Count) + Random.Shared.Next(1 + (spread / connections.Count))));
        var started = clock.Provider.GetTimestamp();
        try
        {
            while (clock.Provider.GetElapsedTime(started) < total && AnyOpen()) await Task.Delay(Step, clock.Provider, cancellationToken);
            foreach (var connection in logs.All.SelectMany(log => log.Connections.All())) connection.Close(CloseReason.Drain);
            started = clock.Provider.GetTimestamp();
            while (clock.Provider.GetElapsedTime(started) < TimeSpan.FromSeconds(1) && AnyOpen()) await Task.Delay(Step, clock.Provider, cancellationToken);
        }
        catch (OperationCanceledException) { } // The host's own patience has ended: what is open now is cut by the server's stop.
    }

    private bool AnyOpen() => logs.All.Any(log => log.Connections.All().Any(connection => connection.IsOpen));

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>Takes the instance out of the load balancer.</summary>
internal sealed class DrainHealth(DrainState state) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(state.Started ? HealthCheckResult.Unhealthy("This instance drains.") : HealthCheckResult.Healthy());
}

internal static partial class DrainLog
{
    [LoggerMessage(LogLevel.Information, "Draining {Connections} connections within {Seconds} s")]
    public static partial void Draining(this ILogger<DrainService> logger, int connections, double seconds);
}
