using System.Collections.Immutable;

namespace Aspire.Hosting.ApplicationModel;

public static class KnownResourceStates
{
    public static readonly string NotStarted = "NotStarted";
    public static readonly string Waiting = "Waiting";
    public static readonly string Starting = "Starting";
    public static readonly string Running = "Running";
    public static readonly string Stopping = "Stopping";
    public static readonly string Exited = "Exited";
    public static readonly string FailedToStart = "FailedToStart";
}

/// <summary>A resource at one moment. Replicas count as one: the state is that of the one furthest from healthy.</summary>
public sealed record CustomResourceSnapshot(string State, bool IsHealthy, int? ExitCode, string? Message);

public class ResourceEvent(IResource resource, string resourceId, CustomResourceSnapshot snapshot)
{
    public IResource Resource { get; } = resource;
    public string ResourceId { get; } = resourceId;
    public CustomResourceSnapshot Snapshot { get; } = snapshot;
}

/// <summary>Tells who asks when a resource has reached a state. Fed by the engine.</summary>
public sealed class ResourceNotificationService
{
    private readonly Lock _lock = new();
    private ImmutableDictionary<string, ResourceEvent> _current = ImmutableDictionary.Create<string, ResourceEvent>(StringComparer.OrdinalIgnoreCase);
    private Exception? _failure;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Waits until all replicas of the resource are healthy; throws when one of them has ended instead.</summary>
    public async Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default)
    {
        var reached = await WaitForResourceAsync(resourceName, e => e.Snapshot.IsHealthy || HasEnded(e.Snapshot), cancellationToken).ConfigureAwait(false);
        return reached.Snapshot.IsHealthy ? reached : throw new DistributedApplicationException(
            $"'{resourceName}' is {reached.Snapshot.State}{(reached.Snapshot.ExitCode is { } code ? $" (exit code {code})" : "")} instead of healthy. {reached.Snapshot.Message}".TrimEnd());
    }

    public Task WaitForResourceAsync(string resourceName, string? targetState = null, CancellationToken cancellationToken = default) =>
        WaitForResourceAsync(resourceName, e => e.Snapshot.State == (targetState ?? KnownResourceStates.Running), cancellationToken);

    public async Task<ResourceEvent> WaitForResourceAsync(string resourceName, Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Task changed;
            ResourceEvent? current;
            lock (_lock)
            {
                changed = _changed.Task;
                current = _current.GetValueOrDefault(resourceName);
                if (_failure is { } failure) throw new DistributedApplicationException(failure.Message, failure);
            }
            if (current is not null && predicate(current)) return current;
            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    internal void Publish(IResource resource, CustomResourceSnapshot snapshot) =>
        Change(() => _current = _current.SetItem(resource.Name, new ResourceEvent(resource, resource.Name, snapshot)));

    /// <summary>The start has failed: there is nothing to wait for any more.</summary>
    internal void Fail(Exception failure) => Change(() => _failure = failure);

    private void Change(Action change)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            change();
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        changed.SetResult();
    }

    private static bool HasEnded(CustomResourceSnapshot snapshot) => snapshot.State == KnownResourceStates.Exited || snapshot.State == KnownResourceStates.FailedToStart;
}
