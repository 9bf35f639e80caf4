using TaskFlow.Contracts;

namespace TaskFlow.Deploy.Tests;

/// <summary>Every environment variable that a deployment may set, by the constants of the code.</summary>
internal static class KnownSettings
{
    private static readonly string[] Platform =
    [
        "ASPNETCORE_ENVIRONMENT", "HTTP_PORTS", "DAPR_HTTP_ENDPOINT", "DAPR_GRPC_ENDPOINT", "DAPR_API_TOKEN", "APP_API_TOKEN",
        "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_SERVICE_NAME", "PGPASSWORD",
    ];

    /// <summary>A setting as an environment variable.</summary>
    private static string Variable(string setting) => setting.Replace(":", "__", StringComparison.Ordinal);

    public static IReadOnlySet<string> Service { get; } = new HashSet<string>(
    [
        .. Platform, "ConnectionStrings__" + Topology.Resources.Database, "ConnectionStrings__" + Topology.Resources.Redis,
        Variable(Topology.Settings.ServiceKey), Variable(Topology.Settings.ServiceKeyPrevious), Variable(Topology.Settings.KeyEncryptionSecret),
        Variable(Topology.Settings.PublicPushUrl), Variable(Topology.Settings.PublicWebUrl), Variable(Topology.Settings.DaprAppPort), Variable(Topology.Settings.KnownProxies),
        $"services__{Topology.Resources.Api}__http__0", $"services__{Topology.Resources.Api}__https__0",
    ]);

    public static IReadOnlySet<string> Sidecar { get; } = new HashSet<string>
    {
        "REDIS_HOST", "REDIS_PASSWORD", "REDIS_TLS", "DAPR_API_TOKEN", "APP_API_TOKEN", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_INSECURE",
    };

    /// <summary>Without these a service does not start, is not safe, or cannot change its secrets without an interruption.</summary>
    public static ISet<string> RequiredOf(string appId) => appId == Topology.Resources.Api
        ? new HashSet<string> { "ConnectionStrings__taskflow", "ConnectionStrings__redis", "ServiceKey", "ServiceKeyPrevious", "KeyEncryptionSecret", "PublicUrls__Push", "PublicUrls__Web", "ForwardedHeaders__KnownProxies" }
        : new HashSet<string> { "ConnectionStrings__redis", "ServiceKey", "PublicUrls__Web" };
}
