using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Engine;

namespace Aspire.Hosting.Resources;

/// <summary>Sends a resource's telemetry to the dashboard, with the variables that Aspire sets in development.</summary>
internal static class Telemetry
{
    /// <summary>Called per resource once the dashboard's addresses are known.</summary>
    public static void AddExporter(IResource resource, EndpointReference otlp) => resource.Annotations.Add(new EnvironmentCallbackAnnotation(context =>
    {
        context.EnvironmentVariables.TryAdd("OTEL_EXPORTER_OTLP_ENDPOINT", otlp);
        context.EnvironmentVariables.TryAdd("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
        context.EnvironmentVariables.TryAdd("OTEL_BLRP_SCHEDULE_DELAY", "1000");
        context.EnvironmentVariables.TryAdd("OTEL_BSP_SCHEDULE_DELAY", "1000");
        context.EnvironmentVariables.TryAdd("OTEL_METRIC_EXPORT_INTERVAL", "1000");
        context.EnvironmentVariables.TryAdd("OTEL_TRACES_SAMPLER", "always_on");
        context.EnvironmentVariables.TryAdd("OTEL_METRICS_EXEMPLAR_FILTER", "trace_based");
    }));

    /// <summary>Which resource and which of its replicas this process is.</summary>
    public static void AddInstance(Dictionary<string, string> environment, Replica replica)
    {
        environment.TryAdd("OTEL_SERVICE_NAME", replica.Resource.Name);
        environment.TryAdd("OTEL_RESOURCE_ATTRIBUTES", $"service.instance.id={replica.Index}");
    }
}

/// <summary>GET on the health check's path at the replica's own address.</summary>
internal static class HttpProbe
{
    private static readonly HttpClient Client = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(1) });

    public static async Task<string?> OfAsync(Replica replica, CancellationToken cancellationToken)
    {
        if (!replica.Resource.TryGetLastAnnotation<HttpHealthCheckAnnotation>(out var check)) return null;
        return await GetAsync(replica.Endpoints[check.EndpointName].UriString + check.Path, anyAnswer: false, cancellationToken).ConfigureAwait(false);
    }

    public static async Task<string?> GetAsync(string url, bool anyAnswer, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        using var response = await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        return anyAnswer || response.IsSuccessStatusCode ? null : $"{url} answers {(int)response.StatusCode}.";
    }
}
