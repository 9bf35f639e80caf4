using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Engine;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Resources;

/// <summary>
/// The dashboard: a process like the others, but not in the list of resources. <c>Dashboard:Enabled=false</c> leaves it out: its port then answers with the
/// resource list alone, and nothing exports telemetry.
/// </summary>
internal sealed class DashboardResource(bool isEnabled) : Resource("dashboard"), IResourceWithEndpoints, IResourceWithEnvironment
{
    public const string OtlpGrpc = "OtlpGrpc", OtlpHttp = "OtlpHttp";

    public bool IsEnabled { get; } = isEnabled;

    /// <summary>Called once when the dashboard ends without having been ready.</summary>
    public Func<Task>? Unavailable { get; set; }

    public static DashboardResource AddTo(DistributedApplicationBuilder builder)
    {
        var dashboard = new DashboardResource(builder.Configuration.GetValue("Dashboard:Enabled", true));
        var added = builder.AddResource(dashboard).WithAnnotation(Endpoint("http", builder.Configuration.GetValue("Ports:Dashboard", 18888)));
        if (!dashboard.IsEnabled) return dashboard;
        foreach (var resource in builder.Resources.Where(resource => resource is IResourceWithEnvironment and not DashboardResource))
        {
            Telemetry.AddExporter(resource, new EndpointReference(dashboard, OtlpGrpc));
        }
        added.WithAnnotation(Endpoint(OtlpGrpc, builder.Configuration.GetValue("Ports:OtlpGrpc", 18889)))
            .WithAnnotation(Endpoint(OtlpHttp, builder.Configuration.GetValue("Ports:OtlpHttp", 18890)))
            .WithEnvironment("Dashboard__Url", new EndpointReference(dashboard, "http"))
            .WithEnvironment("Dashboard__OtlpGrpcUrl", new EndpointReference(dashboard, OtlpGrpc))
            .WithEnvironment("Dashboard__OtlpHttpUrl", new EndpointReference(dashboard, OtlpHttp))
            .WithAnnotation(new LauncherAnnotation(new DashboardLauncher(builder)));
        return dashboard;
    }

    private static EndpointAnnotation Endpoint(string name, int port) => new(ProtocolType.Tcp, uriScheme: "http", name: name, port: port);
}

internal sealed class DashboardLauncher(DistributedApplicationBuilder builder) : ILauncher
{
    public string Type => "Dashboard";

    public bool EndsTheStart => false;

    public Task<ChildCommand> PrepareAsync(Replica replica, CancellationToken cancellationToken)
    {
        var (fileName, arguments) = builder.BuildInfo.Tool("dashboard");
        return Task.FromResult(new ChildCommand(fileName, arguments, Path.GetDirectoryName(arguments[^1])!, replica.Environment!.Values));
    }

    public Task<string?> ProbeAsync(Replica replica, CancellationToken cancellationToken) =>
        HttpProbe.GetAsync(replica.Endpoints["http"].UriString + "/health", anyAnswer: false, cancellationToken);
}
