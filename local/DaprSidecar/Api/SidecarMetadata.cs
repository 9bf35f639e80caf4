using System.Collections.Concurrent;
using System.Reflection;
using TaskFlow.Local.DaprSidecar.Delivery;
using TaskFlow.Local.DaprSidecar.Resources;
using TaskFlow.Local.DaprSidecar.Startup;

namespace TaskFlow.Local.DaprSidecar.Api;

/// <summary>What the sidecar tells about itself over both APIs.</summary>
internal sealed class SidecarMetadata(SidecarOptions options, SidecarResources resources, DeliveryService delivery)
{
    private readonly ConcurrentDictionary<string, string> _extended = new() { ["daprRuntimeVersion"] = Version };

    /// <summary>Says plainly that this is not daprd.</summary>
    public static string Version { get; } = $"taskflow-{typeof(SidecarMetadata).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]}";

    public SidecarOptions Options => options;

    public IReadOnlyList<ComponentSummary> Components => resources.Components;

    public IReadOnlyList<string> Resiliencies => resources.ResiliencyNames;

    public IReadOnlyList<TopicSubscription> Subscriptions => delivery.Subscriptions;

    public IReadOnlyDictionary<string, string> Extended => _extended;

    public void Set(string key, string value)
    {
        if (key.Length > 0) _extended[key] = value;
    }
}
