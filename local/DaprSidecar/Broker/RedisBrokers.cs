using TaskFlow.Local.DaprSidecar.Resources;
using TaskFlow.Local.DaprSidecar.Startup;

namespace TaskFlow.Local.DaprSidecar.Broker;

/// <summary>All pub/sub components of this app, connected.</summary>
internal sealed class RedisBrokers(SidecarOptions options, SidecarResources resources, ILogger<RedisBroker> logger) : IAsyncDisposable
{
    private readonly Dictionary<string, RedisBroker> _brokers = [];

    public async Task ConnectAsync()
    {
        // Only one process of a machine can hold the port, so this names it, and names it the same after a restart.
        var instance = $"{Environment.MachineName}:{options.HttpPort}";
        foreach (var component in resources.PubSubs.Values)
        {
            _brokers[component.Name] = new RedisBroker(component, await RedisConnections.OpenAsync(component), instance, logger);
        }
    }

    public RedisBroker? Find(string name) => _brokers.GetValueOrDefault(name);

    public async ValueTask DisposeAsync()
    {
        foreach (var broker in _brokers.Values) await broker.DisposeAsync();
    }
}
