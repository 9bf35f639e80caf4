using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace TaskFlow.Api.Http;

/// <summary>The Dapr sidecar away makes updates late, not wrong: degraded, not unready. Asked at most once a second.</summary>
internal sealed class SidecarHealth(IConfiguration configuration, TimeProvider time) : IHealthCheck, IDisposable
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(1);

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(1) };
    private readonly Uri? _address = Address(configuration);
    private Probe? _last;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (_last is { } last && time.GetElapsedTime(last.At) < Lifetime) return last.Result;
        var result = ProbeAsync();
        _last = new Probe(result, time.GetTimestamp());
        return result;
    }

    public void Dispose() => _http.Dispose();

    private async Task<HealthCheckResult> ProbeAsync()
    {
        if (_address is null) return HealthCheckResult.Degraded("No Dapr sidecar is configured: updates are not delivered through the broker.");
        try
        {
            using var response = await _http.GetAsync(_address);
            if (response.IsSuccessStatusCode) return HealthCheckResult.Healthy("The Dapr sidecar answers.");
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            // Named below.
        }
        return HealthCheckResult.Degraded("The Dapr sidecar does not answer: updates arrive late.");
    }

    /// <summary>One reference, so that checks that run at the same time see a whole one.</summary>
    private sealed record Probe(Task<HealthCheckResult> Result, long At);

    /// <summary>Dapr's own settings, which the engine or the platform sets.</summary>
    private static Uri? Address(IConfiguration configuration)
    {
        var endpoint = configuration["DAPR_HTTP_ENDPOINT"] is { Length: > 0 } url ? url
            : configuration["DAPR_HTTP_PORT"] is { Length: > 0 } port ? $"http://127.0.0.1:{port}" : null;
        return endpoint is null ? null : new Uri(new Uri(endpoint), "/v1.0/healthz/outbound");
    }
}
