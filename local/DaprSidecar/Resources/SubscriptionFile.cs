namespace TaskFlow.Local.DaprSidecar.Resources;

/// <summary>A declarative subscription: <c>v2alpha1</c> with routes, or <c>v1alpha1</c> with one route.</summary>
internal static class SubscriptionFile
{
    public static TopicSubscription Read(ResourceDocument document)
    {
        var spec = document.Root.Map("spec").Only("pubsubname", "topic", "routes", "route", "deadLetterTopic", "metadata", "bulkSubscribe");
        if (spec.OptionalMap("bulkSubscribe")?.OptionalText("enabled") == "true") throw spec.Error("bulkSubscribe", "needs daprd");
        var metadata = spec.OptionalMap("metadata");
        return new TopicSubscription
        {
            PubSub = spec.Text("pubsubname"),
            Topic = spec.Text("topic"),
            Rules = Rules(spec),
            DeadLetterTopic = spec.OptionalText("deadLetterTopic"),
            RawPayload = metadata?.OptionalText("rawPayload") == "true",
            Metadata = metadata?.Keys.ToDictionary(key => key, key => metadata.OptionalText(key) ?? "") ?? [],
            IsDeclared = true,
        };
    }

    private static List<RouteRule> Rules(YamlMap spec)
    {
        var rules = new List<RouteRule>();
        if (spec.OptionalMap("routes") is { } routes)
        {
            routes.Only("rules", "default");
            foreach (var rule in routes.Maps("rules"))
            {
                rule.Only("match", "path");
                rules.Add(RouteRule.TryCreate(rule.Text("path"), rule.Text("match"), out var reason) ?? throw rule.Error("match", reason));
            }
            if (routes.OptionalText("default") is { Length: > 0 } byDefault) rules.Add(RouteRule.TryCreate(byDefault, null, out _)!);
        }
        if (spec.OptionalText("route") is { Length: > 0 } single) rules.Add(RouteRule.TryCreate(single, null, out _)!);
        return rules.Count > 0 ? rules : throw spec.Error("routes", "must name a default path or at least one rule");
    }
}
