using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Resources;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Engine;

/// <summary>Runs the described resources: gives out addresses, starts everything that can start, and stops it in the opposite order.</summary>
internal sealed class Orchestrator(DistributedApplicationBuilder builder, ResourceNotificationService notifications) : IAsyncDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(4), GraceInAll = TimeSpan.FromSeconds(9);

    private readonly TaskCompletionSource _fatal = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<ReplicaProxy> _proxies = [];
    private readonly Ports _ports = new();
    private readonly Lock _stopLock = new();
    private ResourceService? _resourceService;
    private Task? _stopped;
    private bool _tableShown;

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
        RequirePorts();
        foreach (var resource in builder.Resources) CreateReplicas(resource);
        foreach (var proxy in _proxies) await proxy.StartAsync(cancellationToken).ConfigureAwait(false);
        _resourceService = await ResourceService.StartAsync(this, dashboard, _ports, cancellationToken).ConfigureAwait(false);
        await Task.WhenAll(Replicas.Select(replica => replica.StartAsync())).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Returns when somebody asks to stop; throws when the start has failed.</summary>
    public async Task RunUntilStoppedAsync(CancellationToken stopping) => await _fatal.Task.WaitAsync(stopping).ConfigureAwait(false);

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
        var worst = replicas.Find(other => !other.IsHealthy) ?? replica;
        notifications.Publish(replica.Resource, new CustomResourceSnapshot(worst.State, replicas.TrueForAll(other => other.IsHealthy), worst.ExitCode, worst.Message));
        ShowTableWhenAllIsHealthy();
    }

    public void FailedToStart(Replica replica, DistributedApplicationException mistake)
    {
        replica.Log.Write("apphost", mistake.Message);
        if (replica.Launcher.EndsTheStart) _fatal.TrySetException(mistake);
    }

    public void Ended(Replica replica, bool wasReady, string? lastWords)
    {
        Terminal.Apphost($"{replica.DisplayName} ended with exit code {replica.ExitCode}. It is not started again by itself.");
        if (wasReady || replica.ExitCode == 0 || !replica.Launcher.EndsTheStart) return;
        _fatal.TrySetException(new DistributedApplicationException($"{replica.DisplayName} ended with exit code {replica.ExitCode} before it was ready: {lastWords}"));
    }

    /// <summary>What must be healthy first; a database is as healthy as its server.</summary>
    private static IEnumerable<IResource> DependenciesOf(IResource resource) =>
        resource.Annotations.OfType<WaitAnnotation>().Select(wait => wait.Resource is IResourceWithParent child ? child.Parent : wait.Resource).Distinct();

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

    private void RequirePorts()
    {
        foreach (var (resource, endpoint) in builder.Resources.SelectMany(resource => resource.Annotations.OfType<EndpointAnnotation>().Select(endpoint => (resource, endpoint))))
        {
            if (endpoint.Port is { } port) Ports.Require(port, SettingOf(resource, endpoint));
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
        await Task.WhenAny(Task.WhenAll(stops.Values), deadline).ConfigureAwait(false);
        await Task.WhenAll(Replicas.Select(replica => replica.StopAsync(TimeSpan.Zero))).ConfigureAwait(false);
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
        if (_tableShown || Listed.Any(replica => !replica.IsHealthy && replica.State != KnownResourceStates.FailedToStart)) return;
        _tableShown = true;
        ResourceTable.Show(Replicas);
    }

    private static string AddressOf(EndpointAnnotation endpoint) => endpoint.UriScheme == "http" ? "localhost" : "127.0.0.1";

    /// <summary>The setting that chooses an endpoint's port: <c>Ports:Api</c>, and <c>Ports:OtlpGrpc</c> and the like for further ones.</summary>
    private static string SettingOf(IResource resource, EndpointAnnotation endpoint) =>
        $"Ports:{(endpoint.Name is "http" or "tcp" ? char.ToUpperInvariant(resource.Name[0]) + resource.Name[1..] : endpoint.Name)}";
}
