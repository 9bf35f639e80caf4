using System.Net;

namespace TaskFlow.Local.Dashboard;

/// <summary>Addresses and limits: section <c>Dashboard</c> of the configuration (environment: <c>Dashboard__Url</c> and so on).</summary>
internal sealed class DashboardOptions
{
    public const string Section = "Dashboard";

    /// <summary>Where the pages and <c>/api</c> are served. Loopback only.</summary>
    public string Url { get; set; } = "http://localhost:18888";

    /// <summary>Where OTLP is received over gRPC. Loopback only.</summary>
    public string OtlpGrpcUrl { get; set; } = "http://localhost:18889";

    /// <summary>Where OTLP is received over HTTP. Loopback only.</summary>
    public string OtlpHttpUrl { get; set; } = "http://localhost:18890";

    /// <summary>Further host names under which a browser may ask, for example that of a port forwarder.</summary>
    public string[] AllowedHosts { get; set; } = [];

    /// <summary>The largest OTLP message taken, decompressed.</summary>
    public int MaxMessageBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>About how much memory spans, log records and metric points may take; the oldest go first.</summary>
    public int MaxSpanBytes { get; set; } = 48 * 1024 * 1024;

    public int MaxLogBytes { get; set; } = 16 * 1024 * 1024;

    public int MaxMetricBytes { get; set; } = 16 * 1024 * 1024;

    public int MaxSpansPerTrace { get; set; } = 10_000;

    public int MaxSeries { get; set; } = 4_000;

    public int MaxResources { get; set; } = 200;

    /// <summary>Throws with a sentence that names the setting where a value cannot work.</summary>
    public void Validate()
    {
        foreach (var (name, url) in new[] { (nameof(Url), Url), (nameof(OtlpGrpcUrl), OtlpGrpcUrl), (nameof(OtlpHttpUrl), OtlpHttpUrl) })
        {
            if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttp)
                throw new InvalidOperationException($"{Section}:{name} is '{url}', which is no http:// address.");
            if (!IsLoopback(uri.Host))
                throw new InvalidOperationException(
                    $"{Section}:{name} is '{url}': the dashboard has no login and listens on loopback only (localhost, 127.0.0.1 or [::1]).");
        }
        foreach (var (name, value) in new[]
        {
            (nameof(MaxMessageBytes), MaxMessageBytes), (nameof(MaxSpanBytes), MaxSpanBytes),
            (nameof(MaxLogBytes), MaxLogBytes), (nameof(MaxMetricBytes), MaxMetricBytes),
            (nameof(MaxSpansPerTrace), MaxSpansPerTrace), (nameof(MaxSeries), MaxSeries), (nameof(MaxResources), MaxResources),
        })
        {
            if (value <= 0) throw new InvalidOperationException($"{Section}:{name} is {value}: it must be above zero.");
        }
    }

    public static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
