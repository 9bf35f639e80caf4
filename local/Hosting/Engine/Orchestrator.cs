using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Resources;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Engine;

/// <summary>Runs the described resources: gives out addresses, starts everything that can start, and stops it in the opposite order.</summary>
internal sealed class Orchestrator(DistributedApplicationBuilder builder, ResourceNotificationService notifications) : IAsyncDisposable
{
    /// <summary>For one process to end by itself. Push needs six seconds while anybody is connected: it closes the last connection after five.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(8);

    private static readonly TimeSpan GraceInAll = TimeSpan.FromSeconds(20), BeforeSaying = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource _fatal = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<ReplicaProxy> _proxies = [];
    private readonly Ports _ports = new();
    private readonly Lock _stopLock = new(), _publishLock = new();
    private ResourceService? _resourceService;
    private Task? _stopped;
    private readonly System.Diagnostics.Stopwatch _sinceStart = System.Diagnostics.Stopwatch.StartNew();
    private int _tableShown;

    public List<Replica> Replicas { get; } = [];
    public IConfiguration Configuration => builder.Configuration;
    public DataFolder Data => builder.State;
    public BuildInfo Build => builder.BuildInfo;
    public DistributedApplicationExecutionContext ExecutionContext => builder.ExecutionContext;

    /// <summary>The resources people see: all that become processes, without the dashboard.</summary>
    public IEnumerable<Replica> Listed => Replicas.Where(replica => replica.Resource is not DashboardResource);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (builder.Interception is not null) Terminal.IsQuiet = true;
        Data.Hold();
        var dashboard = DashboardResource.AddTo(builder);
        foreach (var resource in builder.Resources) Allocate(resource);
        await RequirePortsAsync(cancellationToken).ConfigureAwait(false);
        foreach (var resource in builder.Resources) CreateReplicas(resource);
        foreach (var proxy in _proxies) await proxy.StartAsync(cancellationToken).ConfigureAwait(false);
        _resourceService = await ResourceService.StartAsync(this, dashboard, _ports, cancellationToken).ConfigureAwait(false);
        await Task.WhenAll(Replicas.Select(replica => replica.StartAsync())).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Until somebody asks to stop, which cancels, or the start has failed, which throws. Says now and then what is still missing.</summary>
    public async Task RunUntilStoppedAsync(CancellationToken stopping)
    {
        while (_tableShown == 0)
        {
            var waited = await Task.WhenAny(_fatal.Task, Task.Delay(TimeSpan.FromSeconds(30), stopping)).ConfigureAwait(false);
            await waited.ConfigureAwait(false);
            if (_tableShown != 0) break;
            foreach (var replica in Replicas.Where(replica => !replica.IsHealthy)) Terminal.Apphost($"not healthy yet: {replica.DisplayName} ({replica.State}). {replica.Message}");
        }
        await _fatal.Task.WaitAsync(stopping).ConfigureAwait(false);
    }

    /// <summary>Dependents first: nobody loses what it still needs to finish its work.</summary>
    public Task StopAsync()
    {
        lock (_stopLock) return _stopped ??= StopAllAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _ports.Dispose();
    }

    public async Task DependenciesHealthyAsync(IResource resource, Action<string> waitingFor, CancellationToken cancellationToken)
    {
        foreach (var dependency in DependenciesOf(resource))
        {
            waitingFor($"It waits for {dependency.Name}.");
            await notifications.WaitForResourceAsync(dependency.Name, e => e.Snapshot.IsHealthy, cancellationToken).ConfigureAwait(false);
        }
    }

    public void Changed(Replica replica)
    {
        var replicas = Replicas.Where(other => other.Resource == replica.Resource).ToList();
        // One after the other: of two replicas that change together, the one that looked first must not have the last word.
        lock (_publishLock)
        {
            var worst = replicas.Find(other => !other.IsHealthy) ?? replica;
            notifications.Publish(replica.Resource, new CustomResourceSnapshot(worst.State, replicas.TrueForAll(other => other.IsHealthy), worst.ExitCode, worst.Message));
        }
        ShowTableWhenAllIsHealthy();
    }

    public void FailedToStart(Replica replica, DistributedApplicationException mistake)
    {
        replica.Log.Write("apphost", mistake.Message);
        EndTheStart(replica, mistake);
    }

    public void Ended(Replica replica, string? lastWords)
    {
        var end = $"{replica.DisplayName} ended with exit code {replica.ExitCode}";
        Terminal.Apphost($"{end}. It is not started again by itself.");
        EndTheStart(replica, new DistributedApplicationException($"{end} before it was ready: {lastWords}"));
    }

    /// <summary>Nothing can work without the essential parts, so the start is over when one of them does not come up. Later on a crash is merely shown.</summary>
    private void EndTheStart(Replica replica, DistributedApplicationException mistake)
    {
        if (replica.Resource is DashboardResource { Unavailable: { } unavailable } && !replica.WasReady) _ = unavailable();
        if (replica.WasReady || !replica.Launcher.EndsTheStart) return;
        _fatal.TrySetException(mistake);
        notifications.Fail(mistake);
    }

    /// <summary>What must be healthy first; a database is as healthy as its server, and a sidecar waits for what its service waits for.</summary>
    private static IEnumerable<IResource> DependenciesOf(IResource resource) =>
        (resource is DaprSidecarProcess sidecar ? sidecar.Parent.Annotations : resource.Annotations).OfType<WaitAnnotation>().Select(wait => wait.Resource is IResourceWithParent child ? child.Parent : wait.Resource).Distinct();

    private void Allocate(IResource resource)
    {
        var replicas = resource.ReplicaCount();
        if (replicas < 1) throw new DistributedApplicationException($"'{resource.Name}' needs at least one replica, not {replicas}.");
        foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
        {
            if (builder.Interception is not null && string.IsNullOrEmpty(Configuration[SettingOf(resource, endpoint)])) endpoint.Port = null;
            if (endpoint.Port == 0) endpoint.Port = null;
            endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, AddressOf(endpoint), endpoint.Port ?? _ports.Draw());
        }
    }

    private async Task RequirePortsAsync(CancellationToken cancellationToken)
    {
        // What a killed AppHost has left behind is on its way out.
        var patience = Data.PredecessorWasKilled ? DateTime.UtcNow.AddSeconds(12) : DateTime.MinValue;
        foreach (var (resource, endpoint) in builder.Resources.SelectMany(resource => resource.Annotations.OfType<EndpointAnnotation>().Select(endpoint => (resource, endpoint))))
        {
            if (endpoint.Port is not { } port) continue;
            while (DateTime.UtcNow < patience && port is > 0 and < 65536 && !Ports.IsFree(port)) await Task.Delay(200, cancellationToken).ConfigureAwait(false);
            Ports.Require(port, SettingOf(resource, endpoint));
        }
    }

    private void CreateReplicas(IResource resource)
    {
        if (!resource.TryGetLastAnnotation<LauncherAnnotation>(out var launcher)) return;
        var count = resource.ReplicaCount();
        var endpoints = resource.Annotations.OfType<EndpointAnnotation>().ToList();
        var replicas = Enumerable.Range(0, count).Select(index => new Replica(this, resource, launcher.Launcher, index, count,
            endpoints.ToDictionary(endpoint => endpoint.Name,
                endpoint => count == 1 ? endpoint.AllocatedEndpoint! : new AllocatedEndpoint(endpoint, AddressOf(endpoint), _ports.Draw())))).ToList();
        Replicas.AddRange(replicas);
        if (count > 1) _proxies.AddRange(endpoints.Select(endpoint => new ReplicaProxy(endpoint.AllocatedEndpoint!.Port, endpoint.Name, replicas)));
    }

    private async Task StopAllAsync()
    {
        var deadline = Task.Delay(GraceInAll);
        var stops = new Dictionary<IResource, Task>();
        var all = Replicas.Select(replica => replica.Resource).Distinct().ToList();
        foreach (var resource in all) _ = StopOf(resource);
        var stopped = Task.WhenAll(stops.Values);
        var said = "";
        while (await Task.WhenAny(stopped, deadline, Task.Delay(BeforeSaying)).ConfigureAwait(false) is var first && first != stopped && first != deadline)
        {
            var waitingFor = string.Join(", ", Replicas.Where(replica => replica.State == KnownResourceStates.Stopping).Select(replica => replica.DisplayName));
            if (waitingFor.Length > 0 && waitingFor != said) Terminal.Apphost($"waiting for {waitingFor} to finish; Ctrl+C does not wait");
            said = waitingFor;
        }
        if (!stopped.IsCompleted)
        {
            foreach (var replica in Replicas) replica.Kill();
        }
        await stopped.ConfigureAwait(false);
        foreach (var proxy in _proxies) await proxy.DisposeAsync().ConfigureAwait(false);
        if (_resourceService is not null) await _resourceService.DisposeAsync().ConfigureAwait(false);
        foreach (var replica in Replicas) replica.Log.Close();

        Task StopOf(IResource resource)
        {
            if (stops.TryGetValue(resource, out var stop)) return stop;
            var dependents = all.Where(other => other != resource && NeedsUntilTheEnd(other, resource)).Select(StopOf).ToList();
            return stops[resource] = StopAfterAsync(dependents, resource);
        }

        async Task StopAfterAsync(List<Task> dependents, IResource resource)
        {
            await Task.WhenAll(dependents).ConfigureAwait(false);
            await Task.WhenAll(Replicas.Where(replica => replica.Resource == resource).Select(replica => replica.StopAsync(Grace))).ConfigureAwait(false);
        }
    }

    /// <summary>A service needs what it waits for and its sidecar; everybody needs the dashboard, which takes the last telemetry.</summary>
    private static bool NeedsUntilTheEnd(IResource dependent, IResource resource) =>
        DependenciesOf(dependent).Contains(resource) || resource is DashboardResource || (resource is DaprSidecarProcess sidecar && sidecar.Parent == dependent);

    private void ShowTableWhenAllIsHealthy()
    {
        var settled = Replicas.TrueForAll(replica => replica.IsHealthy || replica.State == KnownResourceStates.FailedToStart || replica.State == KnownResourceStates.Exited);
        if (settled && Interlocked.Exchange(ref _tableShown, 1) == 0) ResourceTable.Show(Replicas, _sinceStart.Elapsed);
    }

    private static string AddressOf(EndpointAnnotation endpoint) => endpoint.UriScheme == "http" ? "localhost" : "127.0.0.1";

    /// <summary>The setting that chooses an endpoint's port: <c>Ports:Api</c>, and <c>Ports:OtlpGrpc</c> and the like for further ones.</summary>
    private static string SettingOf(IResource resource, EndpointAnnotation endpoint) =>
        $"Ports:{(endpoint.Name is "http" or "tcp" ? char.ToUpperInvariant(resource.Name[0]) + resource.Name[1..] : endpoint.Name)}";
}
