using System.Net.Sockets;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>An address of a resource. <see cref="Port"/> is where others find it; without one a free port is drawn.</summary>
public sealed class EndpointAnnotation : IResourceAnnotation
{
    public EndpointAnnotation(ProtocolType protocol, string? uriScheme = null, string? transport = null, string? name = null, int? port = null,
        int? targetPort = null, bool? isExternal = null, bool? isProxied = null)
    {
        Protocol = protocol;
        UriScheme = uriScheme ?? "tcp";
        Transport = transport ?? (UriScheme == "http" ? "http" : "tcp");
        Name = name ?? UriScheme;
        Port = port;
        TargetPort = targetPort;
        IsExternal = isExternal ?? false;
        IsProxied = isProxied ?? true;
    }

    public ProtocolType Protocol { get; set; }
    public string Name { get; set; }
    public int? Port { get; set; }
    public int? TargetPort { get; set; }
    public string UriScheme { get; set; }
    public string Transport { get; set; }
    public bool IsExternal { get; set; }
    public bool IsProxied { get; set; }

    /// <summary>Known before anything starts, so that resources may name each other's addresses in any order.</summary>
    public AllocatedEndpoint? AllocatedEndpoint { get; set; }
}

public class AllocatedEndpoint(EndpointAnnotation endpoint, string address, int port)
{
    public EndpointAnnotation Endpoint { get; } = endpoint;
    public string Address { get; } = address;
    public int Port { get; } = port;
    public string UriString => $"{Endpoint.UriScheme}://{Address}:{Port}";
}

public sealed class EndpointReference(IResourceWithEndpoints owner, string endpointName) : IValueProvider
{
    public IResourceWithEndpoints Resource { get; } = owner;

    public string EndpointName { get; } = endpointName;

    public EndpointAnnotation EndpointAnnotation => Resource.Endpoint(EndpointName)
        ?? throw new DistributedApplicationException($"'{Resource.Name}' has no endpoint '{EndpointName}'.");

    public bool Exists => Resource.Endpoint(EndpointName) is not null;
    public bool IsAllocated => Exists && EndpointAnnotation.AllocatedEndpoint is not null;
    public string Host => Allocated.Address;
    public int Port => Allocated.Port;
    public string Scheme => EndpointAnnotation.UriScheme;
    public string Url => Allocated.UriString;

    public EndpointReferenceExpression Property(EndpointProperty property) => new(this, property);

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => new(Url);

    private AllocatedEndpoint Allocated => EndpointAnnotation.AllocatedEndpoint
        ?? throw new DistributedApplicationException($"The endpoint '{EndpointName}' of '{Resource.Name}' has no address before the application is started.");
}

public class EndpointReferenceExpression(EndpointReference endpointReference, EndpointProperty property) : IValueProvider
{
    public EndpointReference Endpoint { get; } = endpointReference;

    public EndpointProperty Property { get; } = property;

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => new(Property switch
    {
        EndpointProperty.Url => Endpoint.Url,
        EndpointProperty.Host or EndpointProperty.IPV4Host => Endpoint.Host,
        EndpointProperty.Port or EndpointProperty.TargetPort => $"{Endpoint.Port}",
        EndpointProperty.Scheme => Endpoint.Scheme,
        EndpointProperty.HostAndPort => $"{Endpoint.Host}:{Endpoint.Port}",
        _ => throw new DistributedApplicationException($"The endpoint property {Property} is not supported by the Local engine."),
    });
}

public enum EndpointProperty
{
    Url = 0,
    Host = 1,
    IPV4Host = 2,
    Port = 3,
    Scheme = 4,
    TargetPort = 5,
    HostAndPort = 6,
}
