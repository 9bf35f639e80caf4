using Microsoft.Extensions.Options;
using Npgsql;
using TaskFlow.Api.Database;
using TaskFlow.Api.Events;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Outbox;

/// <summary>
/// Publishes what this instance commits, straight from memory, and sweeps up what others left behind (docs/adr/0025-outbox-relay.md).
/// Thread-safe.
/// </summary>
internal sealed partial class OutboxRelay : IHostedService, IAsyncDisposable
{
    private const int Lanes = 4;
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(5);

    private readonly OutboxLane[] _lanes;
    private readonly OutboxProgress _progress;
    private readonly OutboxLeases _leases;
    private readonly OutboxSweeper _sweeper;
    private readonly OutboxOptions _options;
    private readonly SchemaReady _schema;
    private readonly TimeProvider _time;
    private readonly ILogger<OutboxRelay> _logger;
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    public OutboxRelay(NpgsqlDataSource database, EventPublisher publisher, IOptions<OutboxOptions> options, SchemaReady schema, TimeProvider time,
        ILogger<OutboxRelay> logger)
    {
        (_options, _schema, _time, _logger) = (options.Value, schema, time, logger);
        var table = new OutboxTable(database);
        _progress = new OutboxProgress(database);
        _leases = new OutboxLeases(database, InstanceId, TimeSpan.FromSeconds(_options.LeaseSeconds));
        _sweeper = new OutboxSweeper(_leases, table, publisher, _progress, time, logger);
        _lanes = [.. Enumerable.Range(0, Lanes).Select(_ =>
            new OutboxLane(new OutboxQueue(_options.Capacity), publisher, _progress, table, InstanceId, time, logger))];
        ApiTelemetry.Meter.CreateObservableGauge("taskflow.outbox.pending", () => _lanes.Sum(lane => lane.Queue.Count), "{event}",
            "Events in memory that are not yet published.");
    }

    /// <summary>Marks this process's events, for as long as it runs.</summary>
    public Guid InstanceId { get; } = Guid.CreateVersion7();

    /// <summary>Takes an event that was committed: it goes out.</summary>
    public void Publish(EventMessage message) => QueueOf(message.WorkspaceId).Add(message);

    /// <summary>The commit of a change of that workspace failed in a way that leaves open whether it happened: the table will tell.</summary>
    public void Doubt(Guid workspaceId) => QueueOf(workspaceId).Doubt(workspaceId);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _running = Task.WhenAll([.. _lanes.Select(lane => RunAsync(lane.RunAsync)), RunAsync(KeepLeaseAsync), RunAsync(FlushAsync)]);
        return Task.CompletedTask;
    }

    /// <summary>Publishes what is still waiting, as far as the broker takes it in time, and leaves the rest to the next sweeper.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        var deadline = _time.GetTimestamp();
        while (!_lanes.All(lane => lane.IsIdle) && _time.GetElapsedTime(deadline) < DrainTimeout && !cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(20, CancellationToken.None);
        }
        await _stopping.CancelAsync();
        await _running;
        try
        {
            await _progress.FlushAsync(cancellationToken);
            if (_lanes.All(lane => lane.IsIdle)) await _leases.ReturnAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is NpgsqlException or OperationCanceledException)
        {
            LogUnsaved(exception.Message);
        }
    }

    public ValueTask DisposeAsync()
    {
        _stopping.Dispose();
        return ValueTask.CompletedTask;
    }

    private OutboxQueue QueueOf(Guid workspaceId) => _lanes[(uint)workspaceId.GetHashCode() % Lanes].Queue;

    private async Task RunAsync(Func<CancellationToken, Task> work)
    {
        try
        {
            await Task.Yield();
            await _schema.WaitAsync(_stopping.Token);
            await work(_stopping.Token);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
        }
    }

    /// <summary>Shows that this instance lives, four times per lease, and sweeps up when it is this instance's turn.</summary>
    private async Task KeepLeaseAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(_options.LeaseSeconds) / 4, _time);
        do
        {
            await TryAsync(async () =>
            {
                if (await _leases.RenewAsync(cancellationToken)) _sweeper.Start(cancellationToken);
            }, cancellationToken);
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(_options.FlushMilliseconds), _time);
        while (await timer.WaitForNextTickAsync(cancellationToken)) await TryAsync(() => _progress.FlushAsync(cancellationToken), cancellationToken);
    }

    private async Task TryAsync(Func<Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work();
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(exception.Message);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The relay could not reach the database, trying again: {Reason}")]
    private partial void LogFailed(string reason);

    [LoggerMessage(LogLevel.Warning, "The relay stops without having written down all its progress; some events will be published again: {Reason}")]
    private partial void LogUnsaved(string reason);
}
