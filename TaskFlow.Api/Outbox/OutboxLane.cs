using TaskFlow.Api.Events;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Outbox;

/// <summary>
/// Publishes the events of its share of the workspaces, one call at a time: so each workspace's events leave in order, and what is
/// committed during a call leaves together in the next one. Nothing here waits for a timer unless the broker is away.
/// </summary>
internal sealed partial class OutboxLane(
    OutboxQueue queue, EventPublisher publisher, OutboxProgress progress, OutboxTable table, Guid instanceId, TimeProvider time, ILogger logger)
{
    private const int MaxBatch = 128;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(2);

    private readonly List<EventMessage> _batch = [];
    private volatile bool _busy;

    public OutboxQueue Queue => queue;

    /// <summary>Whether everything committed so far is published.</summary>
    public bool IsIdle => !_busy && queue.Count == 0 && !queue.HasOverflowed;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await queue.WaitAsync(cancellationToken);
            _busy = true;
            await PublishQueueAsync(cancellationToken);
            while (queue is { HasOverflowed: true, Count: 0 })
            {
                await CatchUpAsync(cancellationToken);
                await PublishQueueAsync(cancellationToken);
            }
            _busy = false;
        }
    }

    private async Task PublishQueueAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            _batch.Clear();
            queue.Take(_batch, MaxBatch);
            if (_batch.Count == 0) return;
            await PublishAsync(_batch, cancellationToken);
        }
    }

    /// <summary>Publishes, in order, what was left to the table. A page that is not full has the end: what was committed after it is in memory.</summary>
    private async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        var workspaces = queue.BeginCatchUp();
        var total = 0;
        for (var isFull = workspaces.Count > 0; isFull;)
        {
            var events = await UntilDoneAsync(async () =>
            {
                await progress.FlushAsync(cancellationToken);
                return await table.ReadUnpublishedAsync(workspaces, instanceId, MaxBatch, cancellationToken);
            }, cancellationToken);
            queue.Forget(events);
            await PublishAsync(events, cancellationToken);
            total += events.Count;
            isFull = events.Count == MaxBatch;
        }
        if (total > 0) LogCaughtUp(total);
    }

    private async Task PublishAsync(IReadOnlyList<EventMessage> events, CancellationToken cancellationToken)
    {
        while (events.Count > 0)
        {
            var sent = events;
            var refused = await UntilDoneAsync(() => publisher.PublishAsync(sent, cancellationToken), cancellationToken);
            foreach (var message in refused.Count == 0 ? sent : sent.Except(refused)) progress.Add(message.WorkspaceId, message.Seq);
            if (refused.Count > 0) await Task.Delay(FirstDelay, time, cancellationToken);
            events = refused;
        }
    }

    /// <summary>Repeats the call, waiting longer each time, until it succeeds.</summary>
    private async Task<T> UntilDoneAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        for (var failures = 0; ; failures++)
        {
            try
            {
                var result = await call();
                if (failures > 0) LogRecovered(failures);
                return result;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                if (failures == 0) LogFailed(exception.GetBaseException().Message);
                var delay = FirstDelay * Math.Pow(2, Math.Min(failures, 10));
                if (delay > MaxDelay) delay = MaxDelay;
                await Task.Delay(delay * (0.75 + Random.Shared.NextDouble() / 2), time, cancellationToken);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Events cannot be published just now, trying again: {Reason}")]
    private partial void LogFailed(string reason);

    [LoggerMessage(LogLevel.Information, "Events are published again, after {Failures} failed attempts.")]
    private partial void LogRecovered(int failures);

    [LoggerMessage(LogLevel.Information, "Published {Count} events from the table.")]
    private partial void LogCaughtUp(int count);
}
