using TaskFlow.Local.DaprSidecar.Resiliency;
using TaskFlow.Local.DaprSidecar.Startup;

namespace TaskFlow.Local.DaprSidecar.Resources;

/// <summary>A component as the metadata API lists it.</summary>
internal sealed record ComponentSummary(string Name, string Type, string Version);

/// <summary>A pub/sub component that this app may use.</summary>
internal sealed record PubSubComponent(string Name, RedisSettings Settings, TopicScopes Scopes);

/// <summary>All that the resource and configuration files say to this app.</summary>
internal sealed record SidecarResources(
    IReadOnlyList<ComponentSummary> Components,
    IReadOnlyDictionary<string, PubSubComponent> PubSubs,
    ResiliencyPolicies Resiliency,
    IReadOnlyList<string> ResiliencyNames,
    IReadOnlyList<TopicSubscription> Subscriptions,
    TracingSettings Tracing)
{
    public static SidecarResources Load(SidecarOptions options, Func<string, string?> environment)
    {
        var documents = options.ResourcesPaths.SelectMany(ResourceFiles.ReadFolder).Where(document => document.IsFor(options.AppId)).ToList();
        RefuseDoubles(documents);

        var components = documents.Where(document => document.Kind == "Component").ToList();
        var stores = components.Where(component => TypeOf(component) == EnvironmentSecrets.Type)
            .Select(component => ReadStore(component, options.AppId, environment)).ToDictionary(store => store.Name);
        var pubSubs = components.Where(component => TypeOf(component) == RedisSettings.Type)
            .Select(component => ReadPubSub(component, options.AppId, stores, environment)).ToDictionary(pubSub => pubSub.Name);

        var policies = documents.Where(document => document.Kind == "Resiliency").ToList();
        return new SidecarResources(
            [.. components.Select(component => new ComponentSummary(component.Name, TypeOf(component), component.Root.Map("spec").Text("version")))],
            pubSubs,
            ResiliencyFile.Read(policies),
            [.. policies.Select(policy => policy.Name)],
            [.. documents.Where(document => document.Kind == "Subscription").Select(SubscriptionFile.Read)],
            TracingSettings.Read(options.ConfigFiles));
    }

    private static string TypeOf(ResourceDocument component)
    {
        var spec = component.Root.Map("spec");
        var type = spec.Text("type");
        if (type is not (EnvironmentSecrets.Type or RedisSettings.Type))
        {
            throw spec.Error("type", $"'{type}' needs daprd; the built-in sidecar knows {RedisSettings.Type} and {EnvironmentSecrets.Type}");
        }
        if (spec.Text("version") != "v1") throw spec.Error("version", "must be v1");
        return type;
    }

    private static void RefuseDoubles(List<ResourceDocument> documents)
    {
        var names = new HashSet<(string, string)>();
        foreach (var document in documents)
        {
            if (document.Kind is not ("Component" or "Resiliency" or "Subscription" or "Configuration"))
            {
                throw document.Root.Error("kind", $"'{document.Kind}' needs daprd; the built-in sidecar knows Component, Resiliency, Subscription and Configuration");
            }
            if (!names.Add((document.Kind, document.Name))) throw document.Root.Error("metadata", $".name '{document.Name}' is taken: another {document.Kind} has it");
        }
    }

    private static EnvironmentSecrets ReadStore(ResourceDocument document, string appId, Func<string, string?> environment)
    {
        var metadata = new ComponentMetadata(document, appId, (reference, _) => throw reference.Error("name", "cannot be used in a secret store"), environment);
        metadata.Only(new HashSet<string> { "prefix" });
        return new EnvironmentSecrets(document.Name, metadata.OptionalText("prefix") ?? "", environment);
    }

    private static PubSubComponent ReadPubSub(
        ResourceDocument document, string appId, Dictionary<string, EnvironmentSecrets> stores, Func<string, string?> environment)
    {
        var auth = document.Root.OptionalMap("auth")?.Only("secretStore");
        var metadata = new ComponentMetadata(document, appId, Secret, environment);
        return new PubSubComponent(document.Name, RedisSettings.Read(metadata, appId), new TopicScopes(metadata, appId));

        string Secret(YamlMap reference, string name)
        {
            if (auth is null) throw document.Root.Error("auth", $".secretStore is missing, but a setting refers to the secret {name}");
            var store = auth.Text("secretStore");
            return stores.TryGetValue(store, out var secrets)
                ? secrets.Get(reference, name)
                : throw auth.Error("secretStore", $"names '{store}', but no component of this app is a secret store of that name");
        }
    }
}
