using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace TaskFlow.Local.Dashboard.Hosting;

/// <summary>The three addresses: pages, OTLP/gRPC and OTLP/HTTP. Each serves its own routes and nothing else.</summary>
internal static class Ports
{
    public static void Listen(this KestrelServerOptions kestrel, DashboardOptions options)
    {
        kestrel.AddServerHeader = false;
        // gRPC needs HTTP/2, and without TLS a port speaks either one.
        Listen(kestrel, options.Url, HttpProtocols.Http1);
        Listen(kestrel, options.OtlpGrpcUrl, HttpProtocols.Http2);
        Listen(kestrel, options.OtlpHttpUrl, HttpProtocols.Http1);
    }

    /// <summary>Lets the routes mapped in <paramref name="map"/> answer on the port of <paramref name="url"/> only.</summary>
    public static void MapOn(this WebApplication app, string url, Action<IEndpointRouteBuilder> map)
    {
        var port = new Uri(url).Port;
        var group = app.MapGroup("");
        group.WithMetadata(new PortMetadata(port));
        map(group);
    }

    /// <summary>Where a request came in on another port than its endpoint's, there is no such endpoint.</summary>
    public static void UsePorts(this WebApplication app) => app.Use((context, next) =>
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<PortMetadata>() is { } port && port.Port != context.Connection.LocalPort) context.SetEndpoint(null);
        return next(context);
    });

    private static void Listen(KestrelServerOptions kestrel, string url, HttpProtocols protocols)
    {
        var uri = new Uri(url);
        if (IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address)) kestrel.Listen(address, uri.Port, listen => listen.Protocols = protocols);
        else kestrel.ListenLocalhost(uri.Port, listen => listen.Protocols = protocols);
    }

    private sealed record PortMetadata(int Port);
}
