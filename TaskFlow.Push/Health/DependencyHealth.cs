using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;
using TaskFlow.Push.EventChannels;

namespace TaskFlow.Push.Health;

/// <summary>Redis away means late events and no presence, not an instance that should be taken out: degraded.</summary>
internal sealed class RedisHealth(IConnectionMultiplexer redis, EventSubscriber events) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            if (redis.IsConnected && events.IsConnected) await redis.GetDatabase().PingAsync().WaitAsync(TimeSpan.FromSeconds(1), cancellationToken);
            else return HealthCheckResult.Degraded("Redis is away: events come through the beacon, presence pauses.");
            return HealthCheckResult.Healthy();
        }
        catch (Exception error) when (error is RedisException or TimeoutException) { return HealthCheckResult.Degraded("Redis does not answer: events come through the beacon, presence pauses."); }
    }
}

/// <summary>The sidecar away means that other instances' messages reach us by Redis or the beacon: degraded.</summary>
internal sealed class SidecarHealth(IHttpClientFactory clients, IConfiguration configuration) : IHealthCheck
{
    private const string Degraded = "The sidecar does not answer: events come through the beacon.";

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (configuration["DAPR_HTTP_ENDPOINT"] is not { Length: > 0 } endpoint) return HealthCheckResult.Healthy("No sidecar is configured.");
        try
        {
            using var client = clients.CreateClient(nameof(SidecarHealth));
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            deadline.CancelAfter(TimeSpan.FromSeconds(1));
            using var response = await client.GetAsync(new Uri(new Uri(endpoint), "/v1.0/healthz"), deadline.Token);
            return response.IsSuccessStatusCode ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded(Degraded);
        }
        catch (Exception error) when (error is HttpRequestException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested)) { return HealthCheckResult.Degraded(Degraded); }
    }
}
