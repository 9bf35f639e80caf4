using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using TaskFlow.Contracts;
using TaskFlow.Push.Access;
using TaskFlow.Push.Connections;
using TaskFlow.Push.EventChannels;
using TaskFlow.Push.Health;
using TaskFlow.Push.Presence;
using TaskFlow.Push.Telemetry;
using TaskFlow.Push.Transports;
using TaskFlow.Push.WorkspaceLogs;

namespace TaskFlow.Push;

/// <summary>Registers the service's features.</summary>
internal static class PushSetup
{
    /// <summary>Kestrel: plain HTTP/1.1, whose connections the streams take over.</summary>
    public static void ConfigureServer(KestrelServerOptions options)
    {
        options.AddServerHeader = false;
        options.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        options.Limits.MaxConcurrentUpgradedConnections = null;
        options.Limits.MinResponseDataRate = null; // Slow readers are dealt with where they are known: by write progress.
        options.Limits.MaxRequestBodySize = 4 * 1024 * 1024; // Dapr's largest message; clients' frames have a limit of their own.
        options.ConfigureEndpointDefaults(Takeover.Use);
    }

    public static void AddPush(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(ConfigureServer);
        // No hand-over between threads on the way from the socket to the handler, and none back: what runs there never blocks. The runtime's own thread for
        // sockets is not concerned; it hands over to the pool.
        builder.WebHost.UseSockets(sockets =>
        {
            sockets.UnsafePreferInlineScheduling = true;
            if (DirectReceive.IsSupported) sockets.MaxReadBufferSize = Takeover.MaxReadAhead;
        });
        // Its lines hold the whole URL of each request, and with it access tokens.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning);
        builder.Logging.AddFilter("System.Net.Http.HttpClient", LogLevel.Warning); // The beacon asks every second or two.
        // The client's own check would make the service unhealthy when Redis is away; RedisHealth calls it degraded.
        builder.AddRedisClient(Topology.Resources.Redis, settings => settings.DisableHealthChecks = true, options =>
        {
            options.AbortOnConnectFail = false;
            options.BacklogPolicy = BacklogPolicy.FailFast;
            options.ConnectTimeout = options.SyncTimeout = options.AsyncTimeout = 2_000;
            options.ReconnectRetryPolicy = new LinearRetry(500);
        });
        var services = builder.Services;
        services.AddOptions<RealtimeOptions>().BindConfiguration(RealtimeOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        // Or the host's own patience (30 s) would cut a longer drain off.
        services.AddOptions<HostOptions>().Configure<IOptions<RealtimeOptions>>((host, realtime) =>
            host.ShutdownTimeout = TimeSpan.FromSeconds(Math.Max(host.ShutdownTimeout.TotalSeconds, realtime.Value.DrainSeconds + 10)));
        services.AddSingleton(TimeProvider.System).AddSingleton<Clock>().AddSingleton<Instance>().AddSingleton<PushTelemetry>().AddSingleton<PushServices>();
        services.AddAccess(builder.Configuration);
        services.AddSingleton<EventSubscriber>().AddHostedService(provider => provider.GetRequiredService<EventSubscriber>());
        services.AddSingleton<RedisChannels>().AddSingleton<OpenLogs>().AddSingleton<Beacon>().AddHostedService(provider => provider.GetRequiredService<Beacon>());
        services.AddSingleton<PresenceStore>().AddSingleton<PresenceService>();
        services.AddSingleton<Sessions>().AddSingleton<Endpoints>().AddSingleton<DrainState>().AddHostedService<DrainService>().AddHostedService<Keeper>();
        services.AddSingleton<Gate>().AddSingleton<PollStates>().AddSingleton<FrameForwarder>().AddHostedService(provider => provider.GetRequiredService<FrameForwarder>());
        services.AddHealthChecks().AddCheck<DrainHealth>("drain").AddCheck<RedisHealth>("redis").AddCheck<SidecarHealth>("sidecar");
        services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
            .WithOrigins(Gate.OriginOf(builder.Configuration[Topology.Settings.PublicWebUrl]) is { } origin ? [origin] : [])
            .WithMethods("GET", "POST").AllowAnyHeader().WithExposedHeaders("Retry-After").SetPreflightMaxAge(TimeSpan.FromHours(1))));
        services.AddProblemDetails(options => options.CustomizeProblemDetails = context =>
        {
            if (!context.ProblemDetails.Extensions.ContainsKey("code") && Problems.CodeOf(context.ProblemDetails.Status) is { } code) context.ProblemDetails.Extensions["code"] = code;
        });
        services.AddOpenApi();
    }

    public static void MapPush(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseCors();
        app.MapOpenApi();
        app.MapEvents();
        app.MapRealtime();
    }

    private static void AddAccess(this IServiceCollection services, IConfiguration configuration)
    {
        var api = services.AddHttpClient(ApiClient.HttpClientName, client =>
        {
            // Whichever is configured: inside a network of our own the Api speaks HTTP, behind the ingress of Container Apps HTTPS.
            client.BaseAddress = new Uri($"https+http://{Topology.Resources.Api}");
            if (configuration[Topology.Settings.ServiceKey] is { Length: > 0 } key) client.DefaultRequestHeaders.Add(Topology.Headers.ServiceKey, key);
        });
#pragma warning disable EXTEXP0001 // The only way to take the default retries off: a client waits meanwhile, and 503 with Retry-After is the better answer.
        api.RemoveAllResilienceHandlers();
#pragma warning restore EXTEXP0001
        services.AddSingleton<ApiClient>().AddSingleton<SigningKeys>().AddSingleton<TokenReader>().AddSingleton<RevokedSessions>();
        services.AddSingleton<SessionGuard>().AddHostedService(provider => provider.GetRequiredService<SessionGuard>());
    }
}
