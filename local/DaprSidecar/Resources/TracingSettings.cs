using System.Globalization;

namespace TaskFlow.Local.DaprSidecar.Resources;

/// <summary>The tracing part of Configuration files.</summary>
internal sealed record TracingSettings(double SamplingRate, string? OtlpEndpoint, string? OtlpProtocol)
{
    public static TracingSettings Off { get; } = new(0, null, null);

    public static TracingSettings Read(IEnumerable<string> files)
    {
        var settings = Off;
        foreach (var document in files.SelectMany(ResourceFiles.ReadFile))
        {
            if (document.Kind != "Configuration") throw document.Root.Error("kind", $"'{document.Kind}' in a --config file must be Configuration");
            var spec = document.Root.OptionalMap("spec");
            if (spec?.OptionalMap("tracing") is { } tracing) settings = Read(tracing);
        }
        return settings;
    }

    private static TracingSettings Read(YamlMap tracing)
    {
        tracing.Only("samplingRate", "stdout", "zipkin", "otel");
        var text = tracing.OptionalText("samplingRate") ?? "1";
        if (!double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var rate) || rate is < 0 or > 1)
        {
            throw tracing.Error("samplingRate", $"'{text}' is not a number from 0 to 1");
        }
        if (tracing.OptionalMap("zipkin") is not null) throw tracing.Error("zipkin", "needs daprd; use otel or OTEL_EXPORTER_OTLP_ENDPOINT");
        var otel = tracing.OptionalMap("otel")?.Only("endpointAddress", "isSecure", "protocol", "headers", "timeout");
        return new TracingSettings(rate, Endpoint(otel), otel?.OptionalText("protocol"));
    }

    private static string? Endpoint(YamlMap? otel)
    {
        if (otel?.OptionalText("endpointAddress") is not { Length: > 0 } address) return null;
        if (address.Contains("://", StringComparison.Ordinal)) return address;
        return otel.OptionalText("isSecure") == "false" ? $"http://{address}" : $"https://{address}";
    }
}
