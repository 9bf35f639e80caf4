using TaskFlow.Local.Dashboard.Telemetry;

namespace TaskFlow.Local.Dashboard.Components;

/// <summary>How instances are called and coloured, the same on every page.</summary>
internal static class Names
{
    public const int Colors = 10;

    public static string Color(TelemetryResource resource) => Color(resource.Number);

    public static string Color(int number) => $"c{number % Colors}";

    /// <summary>The service's name; where several instances have sent something lately, with the end of the instance's.</summary>
    public static string Of(TelemetryResource resource, IEnumerable<TelemetryResource> all)
    {
        if (resource.InstanceId.Length == 0 || all.Count(other => other.Name == resource.Name) < 2) return resource.Name;
        var id = resource.InstanceId.StartsWith($"{resource.Name}-", StringComparison.Ordinal)
            ? resource.InstanceId[(resource.Name.Length + 1)..] : resource.InstanceId;
        return $"{resource.Name} {(id.Length > 8 ? id[^6..] : id)}";
    }
}
