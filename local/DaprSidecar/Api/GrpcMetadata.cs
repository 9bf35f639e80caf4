using Dapr.Client.Autogen.Grpc.v1;
using TaskFlow.Local.DaprSidecar.Resources;

namespace TaskFlow.Local.DaprSidecar.Api;

/// <summary>The metadata as the gRPC API tells it.</summary>
internal static class GrpcMetadata
{
    public static GetMetadataResponse Answer(SidecarMetadata metadata)
    {
        var options = metadata.Options;
        var answer = new GetMetadataResponse { Id = options.AppId, RuntimeVersion = SidecarMetadata.Version };
        answer.ExtendedMetadata.Add(metadata.Extended.ToDictionary());
        answer.RegisteredComponents.AddRange(metadata.Components.Select(
            component => new RegisteredComponents { Name = component.Name, Type = component.Type, Version = component.Version }));
        answer.Subscriptions.AddRange(metadata.Subscriptions.Select(Subscription));
        if (options.AppPort is not { } port) return answer;
        answer.AppConnectionProperties = new AppConnectionProperties
        {
            Port = port,
            Protocol = options.AppProtocol,
            ChannelAddress = options.AppChannelAddress,
            MaxConcurrency = options.AppMaxConcurrency,
        };
        if (options.EnableAppHealthCheck)
        {
            answer.AppConnectionProperties.Health = new AppConnectionHealthProperties
            {
                HealthCheckPath = options.AppHealthCheckPath,
                HealthProbeInterval = MetadataEndpoints.Text(options.AppHealthProbeInterval),
                HealthProbeTimeout = MetadataEndpoints.Text(options.AppHealthProbeTimeout),
                HealthThreshold = options.AppHealthThreshold,
            };
        }
        return answer;
    }

    private static PubsubSubscription Subscription(TopicSubscription subscription)
    {
        var answer = new PubsubSubscription
        {
            PubsubName = subscription.PubSub,
            Topic = subscription.Topic,
            DeadLetterTopic = subscription.DeadLetterTopic ?? "",
            Rules = new PubsubSubscriptionRules(),
            Type = subscription.IsDeclared ? PubsubSubscriptionType.Declarative : PubsubSubscriptionType.Programmatic,
        };
        answer.Metadata.Add(subscription.Metadata.ToDictionary());
        answer.Rules.Rules.AddRange(subscription.Rules.Select(rule => new PubsubSubscriptionRule { Match = rule.Match, Path = rule.Path }));
        return answer;
    }
}
