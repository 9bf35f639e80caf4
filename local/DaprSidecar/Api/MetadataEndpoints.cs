using System.Globalization;
using TaskFlow.Local.DaprSidecar.Startup;

namespace TaskFlow.Local.DaprSidecar.Api;

internal static class MetadataEndpoints
{
    public static IResult Get(SidecarMetadata metadata)
    {
        var options = metadata.Options;
        return TypedResults.Json(
            new MetadataAnswer(
                options.AppId,
                SidecarMetadata.Version,
                [],
                [.. metadata.Components.Select(component => new ComponentAnswer(component.Name, component.Type, component.Version, []))],
                metadata.Extended,
                [.. metadata.Subscriptions.Select(subscription => new SubscriptionAnswer(
                    subscription.PubSub, subscription.Topic, subscription.Metadata, [.. subscription.Rules.Select(rule => new RuleAnswer(rule.Match, rule.Path))],
                    subscription.DeadLetterTopic ?? "", subscription.IsDeclared ? "DECLARATIVE" : "PROGRAMMATIC"))],
                options.AppPort is { } port ? new AppConnectionAnswer(port, options.AppProtocol, options.AppChannelAddress, options.AppMaxConcurrency, Health(options)) : null,
                [.. metadata.Resiliencies.Select(name => new NamedAnswer(name))]),
            ApiJson.Default.MetadataAnswer);
    }

    public static async Task<IResult> PutAsync(string key, HttpRequest request, SidecarMetadata metadata, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(request.Body);
        metadata.Set(key, await reader.ReadToEndAsync(cancellationToken));
        return TypedResults.NoContent();
    }

    private static AppHealthAnswer? Health(SidecarOptions options) => options.EnableAppHealthCheck
        ? new AppHealthAnswer(options.AppHealthCheckPath, Text(options.AppHealthProbeInterval), Text(options.AppHealthProbeTimeout), options.AppHealthThreshold)
        : null;

    public static string Text(TimeSpan duration) => duration < TimeSpan.FromSeconds(1)
        ? string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds:0.###}ms")
        : string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.###}s");
}
