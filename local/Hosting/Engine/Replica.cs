using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Engine;

/// <summary>
/// One process of a resource, and its life: waiting for what it depends on, starting, running, healthy or not, ended. Nothing starts again by itself.
/// </summary>
internal sealed class Replica
{
    private static readonly TimeSpan UntilReady = TimeSpan.FromMilliseconds(100), WhenReady = TimeSpan.FromSeconds(2), WhenUnhealthy = TimeSpan.FromMilliseconds(500);

    private readonly SemaphoreSlim _oneAtATime = new(1);
    private readonly Orchestrator _orchestrator;
    private CancellationTokenSource? _stopping;
    private Task _life = Task.CompletedTask;

    /// <summary>Of this life or, until the next one begins, of the last.</summary>
    private ChildProcess? _process;

    public Replica(Orchestrator orchestrator, IResource resource, ILauncher launcher, int index, int count, IReadOnlyDictionary<string, AllocatedEndpoint> endpoints)
    {
        _orchestrator = orchestrator;
        Resource = resource;
        Launcher = launcher;
        Index = index;
        Endpoints = endpoints;
        DisplayName = count == 1 ? resource.Name : $"{resource.Name}-{index}";
        Terminal.MakeRoomFor(DisplayName);
        Log = new ResourceLog(DisplayName, Path.Combine(orchestrator.Data.Sub("logs"), $"{DisplayName}.log"));
    }

    public IResource Resource { get; }
    public ILauncher Launcher { get; }
    public int Index { get; }
    public string DisplayName { get; }
    public ResourceLog Log { get; }

    /// <summary>Its own addresses, by endpoint name; the resource's own when there is one replica only.</summary>
    public IReadOnlyDictionary<string, AllocatedEndpoint> Endpoints { get; }

    public string State { get; private set; } = KnownResourceStates.NotStarted;
    public bool IsHealthy { get; private set; }
    public int? ProcessId { get; private set; }
    public DateTimeOffset? StartedAt { get; private set; }
    public int? ExitCode { get; private set; }

    /// <summary>Why it is not healthy, for people.</summary>
    public string? Message { get; private set; }

    /// <summary>What the process was started with.</summary>
    public ResolvedEnvironment? Environment { get; private set; }

    /// <summary>Whether it has ever done its work: what ends before that ends the start of the whole.</summary>
    public bool WasReady { get; private set; }

    private bool IsActive => !_life.IsCompleted;

    public async Task StartAsync()
    {
        await _oneAtATime.WaitAsync().ConfigureAwait(false);
        try
        {
            // Somebody who saw the process die may ask for a new one before we have taken note.
            if (_process is { HasExited: true }) await _life.ConfigureAwait(false);
            if (IsActive) return;
            _process = null;
            _stopping?.Dispose();
            _stopping = new CancellationTokenSource();
            Set(KnownResourceStates.Waiting);
            _life = Task.Run(() => LiveAsync(_stopping.Token));
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public async Task StopAsync(TimeSpan grace)
    {
        await _oneAtATime.WaitAsync().ConfigureAwait(false);
        try
        {
            if (!IsActive) return;
            await _stopping!.CancelAsync().ConfigureAwait(false);
            if (_process is { } process)
            {
                Set(KnownResourceStates.Stopping);
                await process.StopAsync(grace).ConfigureAwait(false);
            }
            await _life.ConfigureAwait(false);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>When there is no time left.</summary>
    public void Kill()
    {
        if (IsActive) _process?.Kill();
    }

    private async Task LiveAsync(CancellationToken stopping)
    {
        try
        {
            ExitCode = null;
            await _orchestrator.DependenciesHealthyAsync(Resource, waitingFor => Set(KnownResourceStates.Waiting, message: waitingFor), stopping).ConfigureAwait(false);
            Set(KnownResourceStates.Starting);
            Environment = await ResolvedEnvironment.OfAsync(this, _orchestrator, stopping).ConfigureAwait(false);
            var command = await Launcher.PrepareAsync(this, stopping).ConfigureAwait(false);
            stopping.ThrowIfCancellationRequested();
            await RunAsync(command, stopping).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            Set(KnownResourceStates.NotStarted);
        }
        catch (Exception e)
        {
            Set(KnownResourceStates.FailedToStart, message: e.Message);
            _orchestrator.FailedToStart(this, e as DistributedApplicationException ?? new DistributedApplicationException($"{DisplayName} cannot be started: {e.Message}", e));
        }
    }

    private async Task RunAsync(ChildCommand command, CancellationToken stopping)
    {
        await using (var process = ChildProcess.Start(command, Log.Write))
        {
            _process = process;
            (ProcessId, StartedAt) = (process.Id, process.StartedAt);
            Set(KnownResourceStates.Running);
            // A stop that came in between the check and here has found no process to end.
            if (stopping.IsCancellationRequested) _ = process.StopAsync(TimeSpan.FromSeconds(2));
            await WatchHealthAsync(process.Exited).ConfigureAwait(false);
            ExitCode = await process.Exited.ConfigureAwait(false);
            ProcessId = null;
        }
        var lastWords = Log.LastWords;
        Set(KnownResourceStates.Exited, message: stopping.IsCancellationRequested ? null : lastWords);
        if (!stopping.IsCancellationRequested) _orchestrator.Ended(this, lastWords);
    }

    /// <summary>Asks the process again and again whether it is ready, often until it is for the first time, as long as it runs.</summary>
    private async Task WatchHealthAsync(Task exited)
    {
        var wasReady = false;
        while (!exited.IsCompleted)
        {
            var reason = await ProbeAsync(exited).ConfigureAwait(false);
            if (exited.IsCompleted) break;
            wasReady |= reason is null;
            WasReady |= wasReady;
            if (State == KnownResourceStates.Running && (IsHealthy != reason is null || Message != reason)) Set(State, isHealthy: reason is null, message: reason);
            var pause = reason is null ? WhenReady : wasReady ? WhenUnhealthy : UntilReady;
            await Task.WhenAny(exited, Task.Delay(pause)).ConfigureAwait(false);
        }
    }

    private async Task<string?> ProbeAsync(Task exited)
    {
        // The first answer may include work, such as creating a database.
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(WasReady ? 3 : 15));
        try
        {
            var probe = Launcher.ProbeAsync(this, deadline.Token);
            if (await Task.WhenAny(probe, exited).ConfigureAwait(false) == exited) await deadline.CancelAsync().ConfigureAwait(false);
            return await probe.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return "It does not answer.";
        }
        catch (DistributedApplicationException e)
        {
            if (Message != e.Message) _orchestrator.FailedToStart(this, e);
            return e.Message;
        }
        catch (Exception e)
        {
            return e.Message;
        }
    }

    private void Set(string state, bool isHealthy = false, string? message = null)
    {
        (State, IsHealthy, Message) = (state, isHealthy, message);
        _orchestrator.Changed(this);
    }
}
