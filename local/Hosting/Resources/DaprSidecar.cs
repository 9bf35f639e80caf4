using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Engine;
using CommunityToolkit.Aspire.Hosting.Dapr;

namespace Aspire.Hosting.Resources;

internal sealed class DaprSidecarProcess(string name, IResource parent)
    : Resource(name), IDaprSidecarResource, IResourceWithEndpoints, IResourceWithEnvironment, IResourceWithArgs
{
    public IResource Parent { get; } = parent;
}

/// <summary>
/// <c>daprd</c> where it is installed and the Redis has Streams, else the built-in sidecar, which takes the same command line and environment.
/// <c>Local:Dapr</c> = <c>daprd</c> or <c>builtin</c> insists on one of them.
/// </summary>
internal sealed class DaprSidecarLauncher(DaprSidecarProcess sidecar, DistributedApplicationBuilder builder) : ILauncher
{
    public string Type => "Dapr sidecar";

    /// <summary>It ends at once when a component file is broken or a port is taken. Both are for the person at the keyboard to repair.</summary>
    public bool EndsTheStart => true;

    public Task<ChildCommand> PrepareAsync(Replica replica, CancellationToken cancellationToken)
    {
        var environment = new Dictionary<string, string>(replica.Environment!.Values) { ["OTEL_EXPORTER_OTLP_INSECURE"] = "true" };
        Telemetry.AddInstance(environment, replica);
        var (fileName, arguments) = Daprd() is { } daprd ? (daprd, []) : builder.BuildInfo.Tool("dapr-sidecar");
        return Task.FromResult(new ChildCommand(fileName, [.. arguments, .. Arguments(replica)], builder.AppHostDirectory, environment));
    }

    public Task<string?> ProbeAsync(Replica replica, CancellationToken cancellationToken) =>
        HttpProbe.GetAsync($"http://127.0.0.1:{replica.Endpoints["http"].Port}/v1.0/healthz/outbound", anyAnswer: false, cancellationToken);

    private IEnumerable<string> Arguments(Replica replica)
    {
        var options = sidecar.TryGetLastAnnotation<DaprSidecarOptionsAnnotation>(out var annotation) ? annotation.Options : new DaprSidecarOptions();
        var protocol = options.AppProtocol ?? "http";
        yield return "--app-id";
        yield return options.AppId ?? sidecar.Parent.Name;
        if (sidecar.Parent.Endpoint(protocol)?.AllocatedEndpoint is { } app)
        {
            foreach (var word in new[] { "--app-port", $"{app.Port}", "--app-protocol", protocol }) yield return word;
        }
        foreach (var name in new[] { "http", "grpc" })
        {
            yield return $"--dapr-{name}-port";
            yield return $"{replica.Endpoints[name].Port}";
        }
        foreach (var word in new[] { "--metrics-port", $"{replica.Endpoints["metrics"].Port}", "--dapr-listen-addresses", "127.0.0.1",
            "--dapr-internal-grpc-listen-address", "127.0.0.1", "--metrics-listen-address", "127.0.0.1" }) yield return word;
        foreach (var folder in ResourcesPaths(options))
        {
            yield return "--resources-path";
            yield return folder;
        }
        if (options.Config is { } config)
        {
            yield return "--config";
            yield return Required(config, "Dapr configuration");
        }
        if (options.LogLevel is { } level)
        {
            yield return "--log-level";
            yield return level;
        }
        if (options.EnableAppHealthCheck != true) yield break;
        yield return "--enable-app-health-check";
        foreach (var (name, value) in new (string, object?)[] { ("path", options.AppHealthCheckPath) })
        {
            if (value is null) continue;
            yield return $"--app-health-check-{name}";
            yield return $"{value}";
        }
        foreach (var (name, value) in new[] { ("probe-interval", options.AppHealthProbeInterval), ("probe-timeout", options.AppHealthProbeTimeout), ("threshold", options.AppHealthThreshold) })
        {
            if (value is null) continue;
            yield return $"--app-health-{name}";
            yield return $"{value}";
        }
    }

    private IEnumerable<string> ResourcesPaths(DaprSidecarOptions options) => sidecar.Annotations.OfType<DaprComponentReferenceAnnotation>()
        .Select(reference => reference.Component.Options?.LocalPath).OfType<string>()
        .Select(file => Path.GetDirectoryName(Required(file, "Dapr component"))!)
        .Concat(options.ResourcesPaths.Select(folder => Path.GetFullPath(Path.Combine(builder.AppHostDirectory, folder)))).Distinct();

    private string Required(string file, string what)
    {
        var path = Path.GetFullPath(Path.Combine(builder.AppHostDirectory, file));
        return File.Exists(path) ? path : throw new DistributedApplicationException($"The {what} {path} does not exist.");
    }

    private string? Daprd()
    {
        var hasStreams = builder.Resources.OfType<RedisResource>()
            .All(redis => redis.TryGetLastAnnotation<LauncherAnnotation>(out var launcher) && ((RedisLauncher)launcher.Launcher).InstalledServer is not null);
        var daprd = Tools.Find("daprd", Path.Combine(Tools.Home, ".dapr", "bin"));
        return builder.Configuration["Local:Dapr"] switch
        {
            null or "" => hasStreams ? daprd : null,
            "builtin" => null,
            "daprd" when daprd is null => throw new DistributedApplicationException("daprd is neither on PATH nor in ~/.dapr/bin, but Local:Dapr says 'daprd'."),
            "daprd" when !hasStreams => throw new DistributedApplicationException("daprd needs a Redis with Streams, which Garnet is not, but Local:Dapr says 'daprd': install redis-server."),
            "daprd" => daprd,
            var other => throw new DistributedApplicationException($"Local:Dapr is '{other}': it may be 'daprd' or 'builtin', or unset for whichever there is."),
        };
    }
}
