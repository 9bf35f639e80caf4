using TaskFlow.Contracts;

namespace TaskFlow.Api.Outbox;

/// <summary>
/// Publishes events whose instance died before it could, or before it could write down that it did. Looks when a lease has expired, when it has
/// just got the seat, and once a minute; in between it costs one small query.
/// </summary>
internal sealed partial class OutboxSweeper(OutboxLeases leases, OutboxTable table, EventPublisher publisher, OutboxProgress progress, TimeProvider time, ILogger logger)
{
    private const int MaxBatch = 256;
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private Task _current = Task.CompletedTask;
    private long? _last;

    /// <summary>Looks in the background unless it still does: a broker that is away must not keep the lease from being renewed.</summary>
    public void Start(CancellationToken cancellationToken)
    {
        if (_current.IsCompleted) _current = SweepAsync(cancellationToken);
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        try
        {
            var expired = await leases.ReadExpiredAsync(cancellationToken);
            if (expired.Length == 0 && _last is { } last && time.GetElapsedTime(last) < Interval) return;
            var total = 0;
            while (true)
            {
                await progress.FlushAsync(cancellationToken);
                var orphans = await table.ReadOrphansAsync(MaxBatch, cancellationToken);
                if (orphans.Count == 0) break;
                var refused = await publisher.PublishAsync(orphans, cancellationToken);
                foreach (var message in orphans.Except(refused)) progress.Add(message.WorkspaceId, message.Seq);
                total += orphans.Count - refused.Count;
                if (refused.Count > 0) throw new InvalidOperationException($"The broker refused {refused.Count} of {orphans.Count} events.");
            }
            await leases.ForgetAsync(expired, cancellationToken);
            _last = time.GetTimestamp();
            if (total > 0) LogSwept(total, expired.Length);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(exception.GetBaseException().Message);
        }
        catch (OperationCanceledException)
        {
        }
    }

    [LoggerMessage(LogLevel.Information, "Published {Count} events that {Instances} lost instances had left behind.")]
    private partial void LogSwept(int count, int instances);

    [LoggerMessage(LogLevel.Warning, "Sweeping up unpublished events failed, trying again: {Reason}")]
    private partial void LogFailed(string reason);
}
