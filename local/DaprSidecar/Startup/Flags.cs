using System.Text;
using static TaskFlow.Local.DaprSidecar.Startup.CommandLine;

namespace TaskFlow.Local.DaprSidecar.Startup;

/// <summary>One flag of daprd. A flag that means nothing here is still accepted, so that the same command line starts either program.</summary>
internal sealed record Flag(string Name, string Help, Action<SidecarOptions, string> Apply, bool IsSwitch = false);

internal static class Flags
{
    private const int MaxPort = 65535;

    public static IReadOnlyList<Flag> All { get; } =
    [
        new("app-id", "the app's id: source of its events, name of its consumer group", (o, v) => o.AppId = v.Trim()),
        new("app-port", "port the app listens on; without one nothing is delivered", (o, v) => o.AppPort = Number("app-port", v, 0, MaxPort) is > 0 and var port ? port : null),
        new("app-protocol", "http, https or h2c", (o, v) => o.AppProtocol = Protocol(v)),
        new("app-channel-address", "address the app listens on (127.0.0.1)", (o, v) => o.AppChannelAddress = v),
        new("app-max-concurrency", "most deliveries at a time; -1: as the component says", (o, v) => o.AppMaxConcurrency = Number("app-max-concurrency", v, -1, 100_000)),
        new("dapr-http-port", "port of the HTTP API (3500)", (o, v) => o.HttpPort = Number("dapr-http-port", v, 1, MaxPort)),
        new("dapr-grpc-port", "port of the gRPC API (50001)", (o, v) => o.GrpcPort = Number("dapr-grpc-port", v, 1, MaxPort)),
        new("dapr-listen-addresses", "addresses of both APIs, separated by commas (127.0.0.1)", (o, v) => o.ListenAddresses = List(v)),
        new("resources-path", "folder of component files; may be repeated", (o, v) => o.ResourcesPaths.AddRange(List(v))),
        new("components-path", "the same, by its old name", (o, v) => o.ResourcesPaths.AddRange(List(v))),
        new("config", "Configuration file; may be repeated", (o, v) => o.ConfigFiles.AddRange(List(v))),
        new("enable-app-health-check", "pause delivery while the app is not healthy", (o, v) => o.EnableAppHealthCheck = Switch("enable-app-health-check", v), IsSwitch: true),
        new("app-health-check-path", "path of the probe (/healthz)", (o, v) => o.AppHealthCheckPath = v.StartsWith('/') ? v : "/" + v),
        new("app-health-probe-interval", "seconds between probes (5)", (o, v) => o.AppHealthProbeInterval = TimeSpan.FromSeconds(Number("app-health-probe-interval", v, 1, 3600))),
        new("app-health-probe-timeout", "milliseconds a probe may take (500)", (o, v) => o.AppHealthProbeTimeout = TimeSpan.FromMilliseconds(Number("app-health-probe-timeout", v, 1, 3_600_000))),
        new("app-health-threshold", "failed probes until the app counts as unhealthy (3)", (o, v) => o.AppHealthThreshold = Number("app-health-threshold", v, 1, 1000)),
        new("max-body-size", "largest request body, for example 4Mi", (o, v) => o.MaxBodyBytes = Size("max-body-size", v)),
        new("dapr-http-max-request-size", "the same in MB, by its old name", (o, v) => o.MaxBodyBytes = Number("dapr-http-max-request-size", v, 1, 1024) << 20),
        new("dapr-graceful-shutdown-seconds", "seconds that deliveries have to end in on shutdown (5)", (o, v) => o.GracefulShutdown = TimeSpan.FromSeconds(Number("dapr-graceful-shutdown-seconds", v, 0, 3600))),
        new("log-level", "debug, info, warn, error or fatal (info)", (o, v) => o.LogLevel = Level(v)),
        .. Ignored(isSwitch: false, "mode", "metrics-port", "metrics-listen-address", "profile-port", "dapr-public-port", "dapr-public-listen-address",
            "dapr-internal-grpc-port", "dapr-internal-grpc-listen-address", "placement-host-address", "scheduler-host-address", "control-plane-address",
            "sentry-address", "control-plane-trust-domain", "control-plane-namespace", "allowed-origins", "read-buffer-size", "dapr-http-read-buffer-size",
            "dapr-block-shutdown-duration", "actors-service", "reminders-service", "disable-init-endpoints"),
        .. Ignored(isSwitch: true, "enable-metrics", "enable-profiling", "enable-mtls", "enable-api-logging", "log-as-json", "disable-builtin-k8s-secret-store"),
    ];

    public static string HelpText()
    {
        var text = new StringBuilder("TaskFlow's stand-in for daprd on a machine without it: publish and subscribe over Redis. It takes daprd's flags.\n\nFlags:\n");
        foreach (var flag in All.Where(flag => flag.Help.Length > 0)) text.Append($"  --{flag.Name,-32} {flag.Help}\n");
        text.Append("\nAccepted for the sake of one command line, without effect here:\n  ");
        text.AppendJoin(", ", All.Where(flag => flag.Help.Length == 0).Select(flag => flag.Name));
        text.Append("\n\nEnvironment:\n  DAPR_API_TOKEN   token that callers must show\n  APP_API_TOKEN    token that is shown to the app\n");
        return text.Append("  OTEL_*           where spans and logs go (OTEL_EXPORTER_OTLP_ENDPOINT), and under which name (OTEL_SERVICE_NAME)").ToString();
    }

    private static IEnumerable<Flag> Ignored(bool isSwitch, params string[] names) => names.Select(name => new Flag(name, "", (_, _) => { }, isSwitch));

    private static string[] List(string value) => value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static bool Switch(string flag, string value) =>
        bool.TryParse(value, out var on) ? on : throw new SidecarException($"flag --{flag}: '{value}' is neither true nor false");

    private static string Protocol(string value) => value switch
    {
        "http" or "https" or "h2c" => value,
        "grpc" or "grpcs" => throw new SidecarException($"flag --app-protocol: {value} needs daprd; this sidecar delivers over http, https and h2c"),
        _ => throw new SidecarException($"flag --app-protocol: '{value}' is none of http, https, h2c"),
    };

    private static int Size(string flag, string value)
    {
        var (digits, shift) = value switch
        {
            [.. var head, 'K', 'i'] => (head, 10),
            [.. var head, 'M', 'i'] => (head, 20),
            _ => (value, 0),
        };
        return int.TryParse(digits, out var number) && number > 0 && number <= int.MaxValue >> shift
            ? number << shift
            : throw new SidecarException($"flag --{flag}: '{value}' is not a size such as 4Mi, 512Ki or 1048576");
    }

    private static LogLevel Level(string value) => value.ToLowerInvariant() switch
    {
        "debug" => LogLevel.Debug,
        "info" => LogLevel.Information,
        "warn" or "warning" => LogLevel.Warning,
        "error" => LogLevel.Error,
        "fatal" => LogLevel.Critical,
        _ => throw new SidecarException($"flag --log-level: '{value}' is none of debug, info, warn, error, fatal"),
    };
}
