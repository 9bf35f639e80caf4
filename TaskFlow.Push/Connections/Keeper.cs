using System.Diagnostics.Metrics;
using TaskFlow.Push.Access;
using TaskFlow.Push.Telemetry;
using TaskFlow.Push.WorkspaceLogs;

namespace TaskFlow.Push.Connections;

/// <summary>The one timer of the service: heartbeats, expiries and stalls of all connections, once a second.</summary>
internal sealed class Keeper(OpenLogs logs, RevokedSessions revoked, PushTelemetry telemetry, Clock clock, ILogger<Keeper> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        telemetry.Observe(CountConnections, () => logs.Count, Lag, () => logs.All.Sum(log => log.Loaded ? log.RingBytes : 0));
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), clock.Provider);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                logs.Tick();
                revoked.Forget();
            }
            catch (Exception error) { logger.TickFailed(error); } // One defect must not stop every heartbeat.
        }
    }

    private IEnumerable<Measurement<long>> CountConnections()
    {
        var counts = new long[3];
        foreach (var log in logs.All) foreach (var connection in log.Connections.All()) counts[(int)connection.Kind]++;
        return Enum.GetValues<TransportKind>().Select(kind => new Measurement<long>(counts[(int)kind], PushTelemetry.Tag(kind)));
    }

    private long Lag()
    {
        var lag = 0L;
        foreach (var log in logs.All) foreach (var connection in log.Connections.All()) lag = Math.Max(lag, log.Head - connection.Seq);
        return lag;
    }
}

internal static partial class KeeperLog
{
    [LoggerMessage(LogLevel.Error, "A round of heartbeats and expiries failed")]
    public static partial void TickFailed(this ILogger<Keeper> logger, Exception error);
}
