using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using TaskFlow.Local.DaprSidecar.Api;
using TaskFlow.Local.DaprSidecar.Broker;
using TaskFlow.Local.DaprSidecar.Delivery;
using TaskFlow.Local.DaprSidecar.Publishing;
using TaskFlow.Local.DaprSidecar.Resources;
using TaskFlow.Local.DaprSidecar.Telemetry;

namespace TaskFlow.Local.DaprSidecar.Startup;

/// <summary>Puts the parts together.</summary>
internal static class SidecarHost
{
    public static WebApplication Build(SidecarOptions options, SidecarResources resources)
    {
        // No command line and no files of its own: everything comes from daprd's flags.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = typeof(SidecarHost).Assembly.GetName().Name });
        builder.AddTelemetry(options, resources.Tracing);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Listen(kestrel, options));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.GracefulShutdown + TimeSpan.FromSeconds(3));
        builder.Services.AddRoutingCore();
        builder.Services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = options.MaxBodyBytes;
            grpc.Interceptors.Add<ApiTokenInterceptor>();
        });
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default));
        builder.Services
            .AddSingleton(options).AddSingleton(resources)
            .AddSingleton<ApiTokenInterceptor>().AddSingleton<DaprService>().AddSingleton<SidecarMetadata>().AddSingleton<Publisher>()
            .AddSingleton<DeliveryGate>().AddSingleton<AppChannel>().AddSingleton<AppMonitor>()
            .AddSingleton<SubscriptionReader>().AddSingleton<Deliverer>().AddSingleton<DeliveryService>()
            .AddSingleton<RedisBrokers>();

        var app = builder.Build();
        app.UseRouting();
        app.UseApiToken(options);
        app.MapHttpApi();
        app.MapGrpcService<DaprService>();
        return app;
    }

    public static async Task RunAsync(WebApplication app)
    {
        // Connects before it listens: without Redis there is no sidecar.
        await app.Services.GetRequiredService<RedisBrokers>().ConnectAsync();
        var delivery = app.Services.GetRequiredService<DeliveryService>();
        try
        {
            await app.StartAsync();
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            throw new SidecarException($"cannot listen: {error.Message}");
        }
        // Deliveries begin when the ports are ours: another process of the same name would take from the same list.
        delivery.Start();
        try
        {
            await Task.Delay(Timeout.Infinite, app.Lifetime.ApplicationStopping);
        }
        catch (OperationCanceledException)
        {
            // Shutting down: running deliveries first, then the ports.
        }
        await delivery.StopAsync();
        await app.StopAsync();
        await app.DisposeAsync();
    }

    private static void Listen(KestrelServerOptions kestrel, SidecarOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = options.MaxBodyBytes;
        foreach (var address in options.ListenAddresses)
        {
            if (!IPAddress.TryParse(address.Trim('[', ']'), out var ip))
            {
                if (address != "localhost") throw new SidecarException($"flag --dapr-listen-addresses: '{address}' is not an IP address");
                ip = IPAddress.Loopback;
            }
            if (ip.AddressFamily == AddressFamily.InterNetworkV6 && !Socket.OSSupportsIPv6) continue;
            kestrel.Listen(ip, options.HttpPort, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(ip, options.GrpcPort, listen => listen.Protocols = HttpProtocols.Http2);
        }
    }
}
