using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace TaskFlow.Api.Auth;

/// <summary>Without keys no token can be checked, so no request be served.</summary>
internal sealed class KeyRingHealth(KeyRing keys) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(keys.IsLoaded ? HealthCheckResult.Healthy("The signing keys are loaded.") : HealthCheckResult.Unhealthy("The signing keys are not loaded yet."));
}
