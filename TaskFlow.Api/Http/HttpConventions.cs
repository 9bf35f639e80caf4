using System.Net;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Http;

/// <summary>What every route shares: JSON, problem details, limits, headers, CORS.</summary>
internal static class HttpConventions
{
    /// <summary>No request does anything useful for so long; what it holds is given back then.</summary>
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(20);

    public static void AddHttpConventions(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<SecretBox>();
        services.AddSingleton<RateLimiter>();
        services.AddOptions<RateLimitSettings>().BindConfiguration(RateLimitSettings.Section)
            .Validate(limits => limits.IsValid, $"{RateLimitSettings.Section}: every limit must be above 0.").ValidateOnStart();
        services.ConfigureHttpJsonOptions(json => ApiJson.Configure(json.SerializerOptions));
        // The exception names the field; otherwise binding would end in an empty 400.
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.AddExceptionHandler<ProblemExceptionHandler>();
        services.Configure<KestrelServerOptions>(Limit);
        services.Configure<ForwardedHeadersOptions>(forwarded => Trust(forwarded, builder.Configuration[Topology.Settings.KnownProxies]));
        services.AddHealthChecks().AddCheck<SidecarHealth>("dapr");
        services.AddSingleton<SidecarHealth>();
        services.AddRequestTimeouts(timeouts => timeouts.DefaultPolicy = new RequestTimeoutPolicy
        {
            Timeout = RequestTimeout,
            TimeoutStatusCode = StatusCodes.Status503ServiceUnavailable,
        });
        services.AddCors(cors => cors.AddDefaultPolicy(policy =>
        {
            if (builder.Configuration[Topology.Settings.PublicWebUrl] is { Length: > 0 } web) policy.WithOrigins(web.TrimEnd('/'));
            policy.WithMethods("GET", "POST", "PUT", "PATCH", "DELETE")
                .WithHeaders("Authorization", "Content-Type", IdempotencyMiddleware.Header, "If-Match", "traceparent", "tracestate")
                .WithExposedHeaders("ETag", "Location", "Retry-After", "RateLimit", "RateLimit-Policy")
                .SetPreflightMaxAge(TimeSpan.FromHours(1));
        }));
    }

    /// <summary>Everything before authentication.</summary>
    public static void UseHttpConventions(this WebApplication app)
    {
        app.UseForwardedHeaders();
        app.UseMiddleware<SecurityHeaders>();
        app.UseExceptionHandler(_ => { });
        app.UseStatusCodePages(pages =>
        {
            HeadRouting.AllowWithGet(pages.HttpContext.Response);
            return Problems.ForStatus(pages.HttpContext.Response.StatusCode) is { } problem
                ? ProblemExceptionHandler.WriteAsync(pages.HttpContext, problem)
                : Task.CompletedTask;
        });
        if (!app.Environment.IsDevelopment()) app.UseHsts();
        app.UseRoutingOfHead();
        app.UseRequestTimeouts();
        app.UseWebApp();
        app.UseCors();
        app.UseMiddleware<RequestGuard>();
    }

    private static void Limit(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = RequestGuard.MaxDrainedBytes;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
    }

    private static void Trust(ForwardedHeadersOptions forwarded, string? proxies)
    {
        forwarded.ForwardedHeaders = ForwardedHeaders.None;
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (var entry in (proxies ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (System.Net.IPNetwork.TryParse(entry, out var network)) forwarded.KnownIPNetworks.Add(network);
            else if (IPAddress.TryParse(entry, out var address)) forwarded.KnownProxies.Add(address);
            else throw new InvalidOperationException($"{Topology.Settings.KnownProxies}: \"{entry}\" is neither an address nor a network.");
            forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
        }
    }
}
