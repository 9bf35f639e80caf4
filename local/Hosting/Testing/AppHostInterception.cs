using System.Reflection;

namespace Aspire.Hosting.Testing;

/// <summary>
/// Runs an AppHost's entry point on a thread of its own and stops it at <c>Build</c>, until the test builds. Its <c>Run</c> then merely waits: the test starts
/// and stops the application.
/// </summary>
internal sealed class AppHostInterception(Assembly appHostAssembly)
{
    private static readonly AsyncLocal<AppHostInterception?> Ambient = new();

    private readonly TaskCompletionSource<DistributedApplicationBuilder> _building = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<DistributedApplication> _built = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static AppHostInterception? Current => Ambient.Value;

    public Assembly AppHostAssembly => appHostAssembly;

    public Task UntilDisposed => _disposed.Task;

    /// <summary>What a test gets unless it says otherwise. The real engine keeps its own switch in the same place.</summary>
    public Dictionary<string, string?> Defaults { get; } = new()
    {
        ["DcpPublisher:RandomizePorts"] = "true",
        ["Local:DataFolder"] = Path.Combine(Path.GetTempPath(), $"taskflow-{Guid.NewGuid():N}"),
        ["Local:DataFolderIsTemporary"] = "true",
    };

    public async Task<DistributedApplicationBuilder> RunToBuildAsync(string[] args, CancellationToken cancellationToken)
    {
        var entryPoint = appHostAssembly.EntryPoint ?? throw new InvalidOperationException($"{appHostAssembly.GetName().Name} has no entry point.");
        var thread = new Thread(() => Run(entryPoint, args)) { IsBackground = true, Name = "AppHost" };
        thread.Start();
        return await _building.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public Task<DistributedApplication> GoOnAsync(CancellationToken cancellationToken)
    {
        _goOn.TrySetResult();
        return _built.Task.WaitAsync(cancellationToken);
    }

    /// <summary>For a model that was made without an entry point.</summary>
    public void AllowBuild() => _goOn.TrySetResult();

    public void Building(DistributedApplicationBuilder builder)
    {
        _building.TrySetResult(builder);
        _goOn.Task.GetAwaiter().GetResult();
    }

    public void Built(DistributedApplication application) => _built.TrySetResult(application);

    public void Disposed() => _disposed.TrySetResult();

    /// <summary>The test never built: the entry point's thread must not wait for ever.</summary>
    public void Abandon()
    {
        _goOn.TrySetCanceled();
        _disposed.TrySetResult();
    }

    private void Run(MethodInfo entryPoint, string[] args)
    {
        Ambient.Value = this;
        try
        {
            entryPoint.Invoke(null, entryPoint.GetParameters().Length == 0 ? null : [args]);
            Fail(new InvalidOperationException($"The entry point of {appHostAssembly.GetName().Name} returned without building an application."));
        }
        catch (TargetInvocationException e)
        {
            Fail(e.InnerException!);
        }
    }

    private void Fail(Exception exception)
    {
        _building.TrySetException(exception);
        _built.TrySetException(exception);
    }
}
