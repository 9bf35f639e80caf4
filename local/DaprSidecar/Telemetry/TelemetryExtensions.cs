using Microsoft.Extensions.Logging.Console;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using TaskFlow.Local.DaprSidecar.Resources;
using TaskFlow.Local.DaprSidecar.Startup;

namespace TaskFlow.Local.DaprSidecar.Telemetry;

/// <summary>Spans and logs by OTLP, where an endpoint is configured; logs to the console in any case.</summary>
internal static class TelemetryExtensions
{
    public static void AddTelemetry(this WebApplicationBuilder builder, SidecarOptions options, TracingSettings tracing)
    {
        builder.Logging.ClearProviders();
        builder.Logging.SetMinimumLevel(options.LogLevel);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Grpc", LogLevel.Warning).AddFilter("System", LogLevel.Warning);
        builder.Logging.AddConsole(console => console.FormatterName = PlainConsoleFormatter.FormatterName);
        builder.Logging.AddConsoleFormatter<PlainConsoleFormatter, ConsoleFormatterOptions>();

        if (tracing.OtlpEndpoint is { } endpoint) SetIfMissing("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint);
        if (tracing.OtlpProtocol is { } protocol) SetIfMissing("OTEL_EXPORTER_OTLP_PROTOCOL", protocol == "http" ? "http/protobuf" : protocol);
        // The exporter reads its settings from the configuration, and the host's is empty.
        builder.Configuration.AddEnvironmentVariables();
        var isExported = !string.IsNullOrWhiteSpace(Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT"));
        if (!isExported && tracing.SamplingRate == 0) return;

        var telemetry = builder.Services.AddOpenTelemetry().ConfigureResource(resource => Describe(resource, options));
        if (tracing.SamplingRate > 0)
        {
            telemetry.WithTracing(traces => traces.AddSource(Tracing.SourceName).SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(tracing.SamplingRate))));
        }
        if (!isExported) return;
        telemetry.WithLogging(null, logs => logs.IncludeFormattedMessage = true);
        telemetry.UseOtlpExporter();
    }

    private static void Describe(ResourceBuilder resource, SidecarOptions options)
    {
        if (string.IsNullOrWhiteSpace(Environment.GetEnvironmentVariable("OTEL_SERVICE_NAME")))
        {
            resource.AddService($"{options.AppId}-dapr", serviceInstanceId: $"{Environment.MachineName}:{options.HttpPort}");
        }
    }

    private static void SetIfMissing(string variable, string value)
    {
        if (string.IsNullOrWhiteSpace(Environment.GetEnvironmentVariable(variable))) Environment.SetEnvironmentVariable(variable, value);
    }
}
