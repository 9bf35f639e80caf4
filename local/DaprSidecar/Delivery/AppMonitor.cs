using System.Net;
using TaskFlow.Local.DaprSidecar.Broker;
using TaskFlow.Local.DaprSidecar.Startup;

namespace TaskFlow.Local.DaprSidecar.Delivery;

/// <summary>
/// Knows whether the app is there and well. Opens the gate for deliveries when it is, after its subscriptions were read (again), and closes it while it is
/// not. Without <c>--enable-app-health-check</c> only the port counts, and the gate stays open once the app has been seen, as with daprd.
/// </summary>
internal sealed partial class AppMonitor(SidecarOptions options, AppChannel app, DeliveryGate gate, ILogger<AppMonitor> logger) : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(200);

    private readonly SemaphoreSlim _suspicion = new(0, 1);

    /// <summary>Whether the app has been there at least once.</summary>
    public bool HasSeenApp { get; private set; }

    /// <summary>Told by a delivery that found nobody there.</summary>
    public void ReportUnreachable()
    {
        if (options.EnableAppHealthCheck) gate.Close();
        try
        {
            _suspicion.Release();
        }
        catch (SemaphoreFullException)
        {
            // Already being looked at.
        }
    }

    /// <param name="appIsBack">Reads the app's subscriptions; false when it could not.</param>
    /// <param name="stopping">Ends the watch.</param>
    public async Task RunAsync(Func<CancellationToken, Task<bool>> appIsBack, CancellationToken stopping)
    {
        LogWaiting(options.AppChannelAddress, options.AppPort);
        while (!stopping.IsCancellationRequested)
        {
            await UntilWellAsync(stopping);
            if (!await appIsBack(stopping))
            {
                await Task.Delay(Soon, stopping);
                continue;
            }
            HasSeenApp = true;
            gate.Open();
            LogHere();
            await UntilSuspiciousAsync(stopping);
        }
    }

    public void Dispose() => _suspicion.Dispose();

    private async Task UntilWellAsync(CancellationToken stopping)
    {
        while (!await app.CanConnectAsync(stopping)) await Task.Delay(Soon, stopping);
        // The app's port answers: what now fails is the app's own view of itself.
        while (options.EnableAppHealthCheck && !await ProbeAsync(stopping)) await Task.Delay(Soon, stopping);
    }

    private async Task UntilSuspiciousAsync(CancellationToken stopping)
    {
        var failures = 0;
        while (failures < options.AppHealthThreshold)
        {
            if (await _suspicion.WaitAsync(options.EnableAppHealthCheck ? options.AppHealthProbeInterval : Timeout.InfiniteTimeSpan, stopping))
            {
                LogGone();
                return;
            }
            failures = await ProbeAsync(stopping) ? 0 : failures + 1;
        }
        gate.Close();
        LogUnwell(failures);
    }

    private async Task<bool> ProbeAsync(CancellationToken stopping)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        limit.CancelAfter(options.AppHealthProbeTimeout);
        try
        {
            using var answer = await app.GetAsync(options.AppHealthCheckPath, limit.Token);
            return answer.StatusCode is >= HttpStatusCode.OK and < HttpStatusCode.Ambiguous;
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException && !stopping.IsCancellationRequested)
        {
            return false;
        }
    }

    [LoggerMessage(LogLevel.Information, "waiting for the app at {Address}:{Port}")]
    private partial void LogWaiting(string address, int? port);

    [LoggerMessage(LogLevel.Information, "the app is there: delivering")]
    private partial void LogHere();

    [LoggerMessage(LogLevel.Warning, "the app does not answer: waiting for it")]
    private partial void LogGone();

    [LoggerMessage(LogLevel.Warning, "the app failed {Failures} health checks: delivery pauses")]
    private partial void LogUnwell(int failures);
}
