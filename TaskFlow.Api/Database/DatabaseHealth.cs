using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace TaskFlow.Api.Database;

/// <summary>Ready when the schema is up to date and Postgres answers. An answer counts for a second, so that probes cost nothing however many there are.</summary>
internal sealed class DatabaseHealth(NpgsqlDataSource db, SchemaReady schema, TimeProvider time) : IHealthCheck
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _probing = new(1, 1);
    private (HealthCheckResult Result, long At)? _last;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await _probing.WaitAsync(cancellationToken);
        try
        {
            if (_last is { } last && time.GetElapsedTime(last.At) < Lifetime) return last.Result;
            var result = await ProbeAsync(cancellationToken);
            _last = (result, time.GetTimestamp());
            return result;
        }
        finally
        {
            _probing.Release();
        }
    }

    private async Task<HealthCheckResult> ProbeAsync(CancellationToken ct)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(ct);
        timeout.CancelAfter(ProbeTimeout);
        try
        {
            await using var command = db.CreateCommand("select 1");
            await command.ExecuteScalarAsync(timeout.Token);
            return schema.IsReady ? HealthCheckResult.Healthy("Postgres answers.") : HealthCheckResult.Unhealthy("The schema is being brought up to date.");
        }
        catch (Exception exception) when (!ct.IsCancellationRequested && (exception is OperationCanceledException || DatabaseFailures.IsUnavailable(exception)))
        {
            return HealthCheckResult.Unhealthy("Postgres does not answer.");
        }
    }
}
