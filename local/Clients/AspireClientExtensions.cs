using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Npgsql;
using OpenTelemetry.Trace;
using StackExchange.Redis;

namespace Microsoft.Extensions.Hosting;

/// <summary>What TaskFlow uses of Aspire.Npgsql and Aspire.StackExchange.Redis, with their signatures (Aspire 13.5).</summary>
[SuppressMessage("Style", "IDE0130", Justification = "The namespace is Aspire's.")]
public static class AspireClientExtensions
{
    /// <summary>Registers an <see cref="NpgsqlDataSource"/> for the connection string of that name.</summary>
    public static void AddNpgsqlDataSource(this IHostApplicationBuilder builder, string connectionName,
        Action<NpgsqlSettings>? configureSettings = null, Action<NpgsqlDataSourceBuilder>? configureDataSourceBuilder = null)
    {
        var settings = new NpgsqlSettings { ConnectionString = builder.Configuration.GetConnectionString(connectionName) };
        configureSettings?.Invoke(settings);
        var connectionString = Required(settings.ConnectionString, connectionName);
        builder.Services.AddSingleton(services =>
        {
            var dataSource = new NpgsqlDataSourceBuilder(connectionString);
            dataSource.UseLoggerFactory(services.GetService<ILoggerFactory>());
            configureDataSourceBuilder?.Invoke(dataSource);
            return dataSource.Build();
        });
        if (!settings.DisableHealthChecks)
        {
            builder.AddCheck("PostgreSql", async (services, cancellationToken) =>
            {
                await using var command = services.GetRequiredService<NpgsqlDataSource>().CreateCommand("SELECT 1");
                await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
            });
        }
        if (!settings.DisableTracing) builder.Services.ConfigureOpenTelemetryTracerProvider(tracing => tracing.AddNpgsql());
        if (!settings.DisableMetrics) builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddMeter("Npgsql"));
    }

    /// <summary>Registers an <see cref="IConnectionMultiplexer"/> for the connection string of that name, connected on first use.</summary>
    public static void AddRedisClient(this IHostApplicationBuilder builder, string connectionName,
        Action<StackExchangeRedisSettings>? configureSettings = null, Action<ConfigurationOptions>? configureOptions = null)
    {
        var settings = new StackExchangeRedisSettings { ConnectionString = builder.Configuration.GetConnectionString(connectionName) };
        configureSettings?.Invoke(settings);
        var options = ConfigurationOptions.Parse(Required(settings.ConnectionString, connectionName));
        configureOptions?.Invoke(options);
        builder.Services.AddSingleton<IConnectionMultiplexer>(services =>
        {
            options.LoggerFactory ??= services.GetService<ILoggerFactory>();
            return ConnectionMultiplexer.Connect(options);
        });
        if (!settings.DisableHealthChecks)
        {
            builder.AddCheck("StackExchange.Redis", async (services, _) =>
                await services.GetRequiredService<IConnectionMultiplexer>().GetDatabase().PingAsync().ConfigureAwait(false));
        }
    }

    /// <summary>As under Aspire a client's check takes part in the service's health unless it is switched off.</summary>
    private static void AddCheck(this IHostApplicationBuilder builder, string name, Func<IServiceProvider, CancellationToken, Task> check) =>
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(name, services => new ClientCheck(services, check), failureStatus: null, tags: null));

    private sealed class ClientCheck(IServiceProvider services, Func<IServiceProvider, CancellationToken, Task> check) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                await check(services, cancellationToken).ConfigureAwait(false);
                return HealthCheckResult.Healthy();
            }
            catch (Exception e)
            {
                return new HealthCheckResult(context.Registration.FailureStatus, e.Message, e);
            }
        }
    }

    private static string Required(string? connectionString, string name) => !string.IsNullOrWhiteSpace(connectionString)
        ? connectionString
        : throw new InvalidOperationException($"ConnectionStrings:{name} is missing. The AppHost sets it; by hand: ConnectionStrings__{name}=…");
}

/// <summary>Settings of <see cref="AspireClientExtensions.AddNpgsqlDataSource"/>.</summary>
public sealed class NpgsqlSettings
{
    public string? ConnectionString { get; set; }
    public bool DisableHealthChecks { get; set; }
    public bool DisableTracing { get; set; }
    public bool DisableMetrics { get; set; }
}

/// <summary>Settings of <see cref="AspireClientExtensions.AddRedisClient"/>.</summary>
public sealed class StackExchangeRedisSettings
{
    public string? ConnectionString { get; set; }
    public bool DisableHealthChecks { get; set; }
    public bool DisableTracing { get; set; }
    public bool DisableAutoActivation { get; set; }
}
