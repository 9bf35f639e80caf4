using System.Collections.Immutable;
using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Resources;
using CommunityToolkit.Aspire.Hosting.Dapr;

namespace Aspire.Hosting
{
    public static class IDistributedApplicationBuilderExtensions
    {
        public static IResourceBuilder<IDaprComponentResource> AddDaprPubSub(
            this IDistributedApplicationBuilder builder, string name, DaprComponentOptions? options = null) =>
            builder.AddResource<IDaprComponentResource>(new DaprComponentResource(name, "pubsub") { Options = options });
    }

    public static class IDistributedApplicationResourceBuilderExtensions
    {
        /// <summary>A sidecar in front of all replicas of the resource, named after it.</summary>
        public static IResourceBuilder<T> WithDaprSidecar<T>(this IResourceBuilder<T> builder, Action<IResourceBuilder<IDaprSidecarResource>> configureSidecar) where T : IResource
        {
            var application = (DistributedApplicationBuilder)builder.ApplicationBuilder;
            var sidecar = new DaprSidecarProcess($"{builder.Resource.Name}-dapr", builder.Resource);
            application.AddResource(sidecar)
                .WithAnnotation(new EndpointAnnotation(ProtocolType.Tcp, uriScheme: "http", name: "http"))
                .WithAnnotation(new EndpointAnnotation(ProtocolType.Tcp, uriScheme: "http", name: "grpc"))
                .WithAnnotation(new EndpointAnnotation(ProtocolType.Tcp, uriScheme: "http", name: "metrics"))
                .WithAnnotation(new LauncherAnnotation(new DaprSidecarLauncher(sidecar, application)));
            configureSidecar(application.CreateResourceBuilder<IDaprSidecarResource>(sidecar));
            return builder.WithAnnotation(new EnvironmentCallbackAnnotation(context =>
            {
                foreach (var protocol in new[] { "http", "grpc" })
                {
                    var endpoint = new EndpointReference(sidecar, protocol);
                    context.EnvironmentVariables.TryAdd($"DAPR_{protocol.ToUpperInvariant()}_PORT", endpoint.Property(EndpointProperty.Port));
                    context.EnvironmentVariables.TryAdd($"DAPR_{protocol.ToUpperInvariant()}_ENDPOINT", endpoint);
                }
            }));
        }

        public static IResourceBuilder<IDaprSidecarResource> WithOptions(this IResourceBuilder<IDaprSidecarResource> builder, DaprSidecarOptions options) =>
            builder.WithAnnotation(new DaprSidecarOptionsAnnotation(options), ResourceAnnotationMutationBehavior.Replace);

        public static IResourceBuilder<IDaprSidecarResource> WithReference(
            this IResourceBuilder<IDaprSidecarResource> builder, IResourceBuilder<IDaprComponentResource> component) =>
            builder.WithAnnotation(new DaprComponentReferenceAnnotation(component.Resource));
    }
}

namespace CommunityToolkit.Aspire.Hosting.Dapr
{
    /// <summary>A component file. The whole folder it lies in is given to the sidecar.</summary>
    public sealed record DaprComponentOptions
    {
        public string? LocalPath { get; init; }
    }

    public sealed record DaprSidecarOptions
    {
        public string? AppHealthCheckPath { get; init; }
        public int? AppHealthProbeInterval { get; init; }
        public int? AppHealthProbeTimeout { get; init; }
        public int? AppHealthThreshold { get; init; }
        public string? AppId { get; init; }
        public string? AppProtocol { get; init; }
        public string? Config { get; init; }
        public bool? EnableAppHealthCheck { get; init; }
        public string? LogLevel { get; init; }
        public IImmutableSet<string> ResourcesPaths { get; init; } = ImmutableHashSet<string>.Empty;
    }

    public interface IDaprComponentResource : IResource, IResourceWithWaitSupport
    {
        string Type { get; }
        DaprComponentOptions? Options { get; }
    }

    public interface IDaprSidecarResource : IResource, IResourceWithWaitSupport;

    public sealed class DaprComponentResource(string name, string type) : Resource(name), IDaprComponentResource
    {
        public string Type { get; } = type;
        public DaprComponentOptions? Options { get; init; }
    }

    public sealed record DaprComponentReferenceAnnotation(IDaprComponentResource Component) : IResourceAnnotation;

    public sealed record DaprSidecarOptionsAnnotation(DaprSidecarOptions Options) : IResourceAnnotation;
}
