using TaskFlow.Local.Dashboard.Otlp.Contracts;

namespace TaskFlow.Local.Dashboard.Telemetry;

/// <summary>The instances that have sent something. Bounded: each restart is a new instance, so the one silent for longest makes room.</summary>
internal sealed class ResourceRegistry(AttributeReader attributes, int maximum, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Name, string Instance), TelemetryResource> _resources = [];
    private readonly Dictionary<string, int> _numbers = [];

    public TelemetryResource Get(ResourceMessage? message)
    {
        var read = attributes.Read(message?.Attributes);
        var name = read.Find("service.name") is { Length: > 0 } given ? given : "unknown_service";
        var instance = read.Find("service.instance.id") ?? "";
        lock (_lock)
        {
            if (!_resources.TryGetValue((name, instance), out var resource))
            {
                if (_resources.Count >= maximum) _resources.Remove(_resources.MinBy(entry => entry.Value.LastSeen).Key);
                // A service's colour stays over its restarts; that many names at once are no service's any more.
                if (_numbers.Count >= maximum) _numbers.Clear();
                if (!_numbers.TryGetValue(name, out var number)) _numbers[name] = number = _numbers.Count;
                _resources[(name, instance)] = resource = new(name, instance, number);
            }
            if (read.Length > 0) resource.Attributes = read;
            resource.LastSeen = time.GetTimestamp();
            return resource;
        }
    }

    public TelemetryResource[] All()
    {
        lock (_lock) return [
            .. _resources.Values.OrderBy(resource => resource.Name, StringComparer.Ordinal).ThenBy(resource => resource.InstanceId, StringComparer.Ordinal)];
    }
}
