using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace TaskFlow.ServiceDefaults;

/// <summary>OpenTelemetry traces, metrics and logs, exported by OTLP where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set.</summary>
public static class Telemetry
{
    /// <summary>Every ActivitySource and Meter of ours is named with this prefix: <c>TaskFlow.Api</c>, <c>TaskFlow.Push</c>.</summary>
    public const string Prefix = "TaskFlow.";

    /// <summary>
    /// Neither the request nor what it asks of others becomes a span: for what comes every second and would bury the traces that tell something. Metrics and
    /// log records stay.
    /// </summary>
    public static TBuilder KeepOutOfTraces<TBuilder>(this TBuilder endpoints) where TBuilder : IEndpointConventionBuilder
    {
        endpoints.Add(endpoint =>
        {
            var run = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = async context =>
            {
                // With a sampler that is always on, spans below one that is not recorded would be traces of their own.
                using var suppressed = SuppressInstrumentationScope.Begin();
                if (context.Features.Get<IHttpActivityFeature>()?.Activity is { } activity)
                {
                    activity.IsAllDataRequested = false;
                    activity.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
                }
                await run(context);
            };
        });
        return endpoints;
    }

    internal static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
            logging.AddProcessor(new InvitationTokens.LogProcessor());
        });
        builder.Services.AddSingleton<IExternalScopeProvider, InvitationTokens.ScopeProvider>();
        var telemetry = builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics
                .AddAspNetCoreInstrumentation().AddHttpClientInstrumentation().AddRuntimeInstrumentation()
                .AddMeter(Prefix + "*"))
            .WithTracing(tracing => tracing
                .AddSource(Prefix + "*")
                // The call to the sidecar: without it the HTTP span below would hang on a parent that never arrives.
                .AddSource("Grpc.Net.Client").AddProcessor(new GrpcSpanNames())
                .AddAspNetCoreInstrumentation(options =>
                {
                    options.Filter = IsWorthATrace;
                    options.EnrichWithHttpRequest = (activity, _) => RemoveSecrets(activity);
                    options.EnrichWithHttpResponse = (activity, _) => RemoveSecrets(activity);
                })
                .AddHttpClientInstrumentation(options =>
                {
                    options.EnrichWithHttpRequestMessage = (activity, _) => RemoveSecrets(activity);
                    options.EnrichWithHttpResponseMessage = (activity, _) => RemoveSecrets(activity);
                }));
        if (!string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"])) telemetry.UseOtlpExporter();
    }

    /// <summary>Real-time connections live for hours, and liveness probes come every second: neither is a useful span.</summary>
    private static bool IsWorthATrace(HttpContext context) =>
        !context.Request.Path.StartsWithSegments("/health") && !context.Request.Path.StartsWithSegments("/alive") && !context.Request.Path.StartsWithSegments("/realtime");

    /// <summary>
    /// Query values may hold an access token. The instrumentation redacts them, but Aspire switches that off for development
    /// (OTEL_DOTNET_EXPERIMENTAL_*_DISABLE_URL_QUERY_REDACTION), so they are removed here whatever the switch says. Paths may hold an invitation's token.
    /// </summary>
    private static void RemoveSecrets(Activity activity)
    {
        if (activity.GetTagItem("url.query") is not null) activity.SetTag("url.query", null);
        if (activity.GetTagItem("url.full") is string url && url.IndexOf('?') is > 0 and var query) activity.SetTag("url.full", url[..query]);
        InvitationTokens.RemoveFrom(activity);
    }
}
