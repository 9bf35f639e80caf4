using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace TaskFlow.Api.Caching;

/// <summary>Redis away costs speed and freshness, not readiness.</summary>
internal sealed class RedisHealth(RedisLink redis) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await redis.TryAsync(async database => await database.PingAsync() >= TimeSpan.Zero, false)
            ? HealthCheckResult.Healthy("Redis answers.")
            : HealthCheckResult.Degraded("Redis does not answer: no cache, rate limits per instance, updates arrive late.");
}
