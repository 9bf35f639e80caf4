using System.Globalization;
using System.Net;
using TaskFlow.Contracts;
using TaskFlow.Local.Tests.DaprSidecar.Support;
using YamlDotNet.RepresentationModel;

namespace TaskFlow.Local.Tests.DaprSidecar;

/// <summary>The repository's own Dapr files: held against the names in the code, and against what daprd is known to make of them.</summary>
public sealed class ComponentFilesTests(RedisProcess redis)
{
    private static readonly string Components = Path.Combine(Programs.Repository, "components");
    private static readonly string Configuration = Path.Combine(Programs.Repository, "deploy", "dapr-config.yaml");

    [Fact]
    public void The_folder_holds_what_daprd_loads_and_nothing_else()
    {
        Assert.Empty(Directory.GetDirectories(Components));
        Assert.All(Directory.GetFiles(Components), file => Assert.Equal(".yaml", Path.GetExtension(file)));
        Assert.All(Directory.GetFiles(Components).Select(Load), file =>
        {
            Assert.Equal("dapr.io/v1alpha1", Text(file, "apiVersion"));
            Assert.Contains(Text(file, "kind"), new[] { "Component", "Resiliency" });
            Assert.Equal([Topology.Resources.Api, Topology.Resources.Push], Texts(file, "scopes"));
        });
    }

    [Fact]
    public void The_pubsub_component_has_the_name_and_the_topics_of_the_code()
    {
        var file = Load(Path.Combine(Components, "pubsub.yaml"));
        var settings = Settings(file);

        Assert.Equal(Topology.PubSub, Text(file, "metadata", "name"));
        Assert.Equal("pubsub.redis", Text(file, "spec", "type"));
        Assert.Equal("v1", Text(file, "spec", "version"));
        var topics = $"{Topology.EventsTopic},{Topology.DeadLetterTopic}";
        Assert.Equal(topics, settings["allowedTopics"]);
        Assert.Equal(topics, settings["protectedTopics"]);
        // The dead letters are published by Push's sidecar, in Push's name.
        Assert.Equal($"{Topology.Resources.Api}={Topology.EventsTopic};{Topology.Resources.Push}={Topology.DeadLetterTopic}", settings["publishingScopes"]);
        Assert.Equal($"{Topology.Resources.Api}=;{Topology.Resources.Push}={topics}", settings["subscriptionScopes"]);
    }

    [Fact]
    public void Host_and_password_come_from_a_secret_store_that_exists_and_hands_them_out()
    {
        var file = Load(Path.Combine(Components, "pubsub.yaml"));
        var store = Load(Path.Combine(Components, "environment.yaml"));

        Assert.Equal(Text(store, "metadata", "name"), Text(file, "auth", "secretStore"));
        Assert.Equal("secretstores.local.env", Text(store, "spec", "type"));
        var references = Items(file).Where(item => item.Children.ContainsKey("secretKeyRef")).ToDictionary(item => Text(item, "name"), item => Text(item, "secretKeyRef", "name"));
        Assert.Equal(new Dictionary<string, string> { ["redisHost"] = "REDIS_HOST", ["redisPassword"] = "REDIS_PASSWORD", ["enableTLS"] = "REDIS_TLS" }, references);
        Assert.All(references.Values, name => Assert.False(name.StartsWith("DAPR_", StringComparison.Ordinal), "daprd does not hand out DAPR_*"));
    }

    [Fact]
    public void Numbers_are_in_the_form_that_daprd_reads_and_fit_each_other()
    {
        var settings = Settings(Load(Path.Combine(Components, "pubsub.yaml")));

        // A duration here is silently ignored by daprd.
        Assert.True(int.TryParse(settings["redeliverInterval"], NumberStyles.None, CultureInfo.InvariantCulture, out var redeliver) && redeliver > 0);
        var concurrency = Number(settings["concurrency"]);
        Assert.True(Number(settings["poolSize"]) >= concurrency + 2 + 8, "each subscription pins a connection, workers and publishes need theirs");
        Assert.True(Number(settings["maxLenApprox"]) >= 1000);

        var policies = Load(Path.Combine(Components, "resiliency.yaml"));
        var retry = Text(policies, "spec", "targets", "components", Topology.PubSub, "inbound", "retry");
        var timeout = Text(policies, "spec", "targets", "components", Topology.PubSub, "inbound", "timeout");
        Assert.Equal("constant", Text(policies, "spec", "policies", "retries", retry, "policy"));
        var retries = Number(Text(policies, "spec", "policies", "retries", retry, "maxRetries"));
        var longest = (retries + 1) * Milliseconds(Text(policies, "spec", "policies", "timeouts", timeout)) + retries * Milliseconds(Text(policies, "spec", "policies", "retries", retry, "duration"));
        Assert.True(retries > 0, "without an inbound retry daprd 1.17 and later lose what failed once");
        Assert.True(longest < Milliseconds(settings["processingTimeout"]), $"a delivery may take {longest} ms: beyond processingTimeout daprd would start it again beside itself");
    }

    [Fact]
    public void Outbound_calls_have_time_limit_retry_and_breaker_and_deliveries_have_no_breaker()
    {
        var component = (YamlMappingNode)Find(Load(Path.Combine(Components, "resiliency.yaml")), "spec", "targets", "components", Topology.PubSub);

        Assert.Equal(["circuitBreaker", "retry", "timeout"], Keys(Find(component, "outbound")));
        // Open, it would send every message straight to the dead-letter topic.
        Assert.Equal(["retry", "timeout"], Keys(Find(component, "inbound")));
    }

    [Fact]
    public void The_configuration_traces_everything()
    {
        var file = Load(Configuration);
        Assert.Equal("Configuration", Text(file, "kind"));
        Assert.Equal("1", Text(file, "spec", "tracing", "samplingRate"));
    }

    [Fact]
    public async Task Loaded_they_let_only_api_publish_events_and_only_push_get_them()
    {
        await using var app = await SubscriberApp.StartAsync(Topology.EventsTopic, Topology.DeadLetterTopic);
        await using var api = await SidecarProcess.StartAsync(Topology.Resources.Api, Components, redis.Address, app, ["--config", Configuration]);
        await using var push = await SidecarProcess.StartAsync(Topology.Resources.Push, Components, redis.Address, null, ["--config", Configuration]);
        await api.UntilReadyAsync();

        Assert.Equal(HttpStatusCode.NoContent, (await api.PublishAsync(Topology.EventsTopic, new StringContent("x"))).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await api.PublishAsync(Topology.DeadLetterTopic, new StringContent("x"))).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await api.PublishAsync("another", new StringContent("x"))).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await push.PublishAsync(Topology.EventsTopic, new StringContent("x"))).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await push.PublishAsync(Topology.DeadLetterTopic, new StringContent("x"))).StatusCode);
        Assert.Contains($"subscription to topic {Topology.EventsTopic} on pubsub {Topology.PubSub} is not allowed", api.Process.Output);
        Assert.Empty(app.All);
    }

    [Fact]
    public async Task Loaded_they_retry_a_failing_delivery_and_hand_it_to_the_dead_letter_topic()
    {
        await using var app = await SubscriberApp.StartAsync(
            [new Dapr.TopicOptions { PubsubName = Topology.PubSub, Name = Topology.EventsTopic, DeadLetterTopic = Topology.DeadLetterTopic },
             new Dapr.TopicOptions { PubsubName = Topology.PubSub, Name = Topology.DeadLetterTopic }]);
        app.Answer = delivery => Task.FromResult(delivery.Path == "/" + Topology.EventsTopic
            ? Microsoft.AspNetCore.Http.Results.StatusCode(500)
            : Microsoft.AspNetCore.Http.Results.Ok());
        await using var own = new RedisProcess();
        await own.StartAsync();
        await using var api = await SidecarProcess.StartAsync(Topology.Resources.Api, Components, own.Address);
        await using var push = await SidecarProcess.StartAsync(Topology.Resources.Push, Components, own.Address, app, ["--enable-app-health-check"]);

        await api.PublishAsync(Topology.EventsTopic, new StringContent("poison"));

        var deliveries = await app.NextAsync(10);
        Assert.Equal(9, deliveries.Count(delivery => delivery.Path == "/" + Topology.EventsTopic));
        Assert.Equal("poison", deliveries.Single(delivery => delivery.Path == "/" + Topology.DeadLetterTopic).Text);
    }

    private static YamlMappingNode Load(string file)
    {
        var stream = new YamlStream();
        using var reader = File.OpenText(file);
        stream.Load(reader);
        return (YamlMappingNode)Assert.Single(stream.Documents).RootNode;
    }

    private static YamlNode Find(YamlNode node, params string[] path) => path.Aggregate(node, (current, key) => ((YamlMappingNode)current).Children[new YamlScalarNode(key)]);

    private static string Text(YamlNode node, params string[] path) => ((YamlScalarNode)Find(node, path)).Value!;

    private static IEnumerable<string> Texts(YamlNode node, params string[] path) => ((YamlSequenceNode)Find(node, path)).Select(item => ((YamlScalarNode)item).Value!);

    private static IEnumerable<string> Keys(YamlNode node) => ((YamlMappingNode)node).Children.Keys.Select(key => ((YamlScalarNode)key).Value!).Order(StringComparer.Ordinal);

    private static IEnumerable<YamlMappingNode> Items(YamlNode file) => ((YamlSequenceNode)Find(file, "spec", "metadata")).Cast<YamlMappingNode>();

    private static Dictionary<string, string> Settings(YamlNode file) =>
        Items(file).Where(item => item.Children.ContainsKey("value")).ToDictionary(item => Text(item, "name"), item => Text(item, "value"));

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    private static int Milliseconds(string duration) => duration.EndsWith("ms", StringComparison.Ordinal) ? Number(duration[..^2]) : 1000 * Number(duration.TrimEnd('s'));
}
