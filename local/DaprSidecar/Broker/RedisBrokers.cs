using TaskFlow.Local.DaprSidecar.Resources;
using TaskFlow.Local.DaprSidecar.Startup;

namespace TaskFlow.Local.DaprSidecar.Broker;

/// <summary>All pub/sub components of this app, connected.</summary>
internal sealed class RedisBrokers : IAsyncDisposable
{
    private readonly Dictionary<string, RedisBroker> _brokers = [];

    public static async Task<RedisBrokers> ConnectAsync(SidecarOptions options, SidecarResources resources, ILoggerFactory loggers)
    {
        var all = new RedisBrokers();
        // Only one process of a machine can hold the port, so this names it, and names it the same after a restart.
        var instance = $"{Environment.MachineName}:{options.HttpPort}";
        foreach (var component in resources.PubSubs.Values)
        {
            all._brokers[component.Name] = new RedisBroker(component, await RedisConnections.OpenAsync(component), instance, loggers.CreateLogger<RedisBroker>());
        }
        return all;
    }

    public RedisBroker? Find(string name) => _brokers.GetValueOrDefault(name);

    public async ValueTask DisposeAsync()
    {
        foreach (var broker in _brokers.Values) await broker.DisposeAsync();
    }
}
