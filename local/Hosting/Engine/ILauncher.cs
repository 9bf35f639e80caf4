namespace Aspire.Hosting.Engine;

/// <summary>Knows how one kind of resource becomes a process, and how to ask that process whether it is ready.</summary>
internal interface ILauncher
{
    /// <summary>The resource's type as the dashboard shows it.</summary>
    string Type { get; }

    /// <summary>Whether the AppHost gives up when this resource cannot be started or ends before it was ready. A crashed service is merely shown as such.</summary>
    bool EndsTheStart { get; }

    /// <summary>Everything that must be there before the process: downloads, folders, files. Throws a <see cref="DistributedApplicationException"/> that says what is missing.</summary>
    Task<ChildCommand> PrepareAsync(Replica replica, CancellationToken cancellationToken);

    /// <summary>Null when the process does its work, else why not yet. Throws a <see cref="DistributedApplicationException"/> when waiting mends nothing.</summary>
    Task<string?> ProbeAsync(Replica replica, CancellationToken cancellationToken);
}
