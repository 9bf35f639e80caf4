using System.Net;
using System.Net.Sockets;
using TaskFlow.Local.Tests.DaprSidecar.Support;

namespace TaskFlow.Local.Tests.DaprSidecar;

/// <summary>What keeps the sidecar from starting is said in one sentence, and ends with an exit code.</summary>
public sealed class StartTests(RedisProcess redis)
{
    [Theory]
    [InlineData("unknown flag --app-it; --help lists the flags", "--app-it", "x")]
    [InlineData("flag --app-id is missing", "--app-port", "1")]
    [InlineData("flag --app-id needs a value", "--app-id")]
    [InlineData("flag --app-port: '99999' is not a number from 0 to 65535", "--app-id", "a", "--app-port=99999")]
    [InlineData("flag --app-protocol: grpc needs daprd", "--app-id", "a", "--app-protocol", "grpc")]
    [InlineData("flag --log-level: 'loud' is none of", "--app-id", "a", "--log-level", "loud")]
    [InlineData("'api' is not a flag", "api")]
    [InlineData("--resources-path /nowhere: there is no such folder", "--app-id", "a", "--resources-path", "/nowhere")]
    [InlineData("/nowhere.yaml: there is no such file", "--app-id", "a", "--config", "/nowhere.yaml")]
    [InlineData("must not exceed --app-health-probe-interval", "--app-id", "a", "--app-health-probe-timeout", "6000")]
    public async Task Wrong_flags(string sentence, params string[] arguments)
    {
        var (exitCode, output) = await SidecarProcess.RunAsync(arguments);

        Assert.Equal(1, exitCode);
        Assert.Contains(sentence, output);
        Assert.Single(output.Split('\n'));
    }

    [Fact]
    public async Task Help_lists_the_flags_and_the_environment()
    {
        var (exitCode, output) = await SidecarProcess.RunAsync(["--help"]);

        Assert.Equal(0, exitCode);
        foreach (var name in new[] { "--app-id", "--resources-path", "--enable-app-health-check", "DAPR_API_TOKEN", "APP_API_TOKEN" }) Assert.Contains(name, output);
    }

    [Theory]
    [InlineData("spec: [", "pubsub.yaml(", "is not valid YAML")]
    [InlineData("just text", "pubsub.yaml(1): must be a mapping")]
    [InlineData("apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata: {}", "metadata.name is missing")]
    [InlineData("apiVersion: dapr.io/v1alpha1\nkind: Fridge\nmetadata: { name: f }", "kind 'Fridge' needs daprd")]
    [InlineData("apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata: { name: p }\nspec: { type: pubsub.kafka, version: v1 }", "pubsub.yaml(4): spec.type 'pubsub.kafka' needs daprd")]
    [InlineData("apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata: { name: p }\nspec: { typo: pubsub.redis, version: v1 }", "spec.type is missing")]
    public async Task Wrong_component_files(string content, params string[] parts)
    {
        using var components = new ComponentFolder { ["pubsub.yaml"] = content };
        await AssertRefusedAsync(components, parts);
    }

    [Theory]
    [InlineData("concurrency: many", "of concurrency 'many' is not a whole number from 1 up")]
    [InlineData("concurrency: 0", "of concurrency '0' is not a whole number from 1 up")]
    [InlineData("redeliverInterval: 5s", "of redeliverInterval '5s' is not a whole number from 0 up")]
    [InlineData("processingTimeout: soon", "of processingTimeout 'soon' is not a duration")]
    [InlineData("concurency: 4", "'concurency' is not a setting of this component")]
    [InlineData("enableTLS: maybe", "of enableTLS 'maybe' is neither true nor false")]
    [InlineData("redisType: cluster", "of redisType must be node")]
    [InlineData("publishingScopes: api", "has the entry 'api', which is not of the form app=topic,topic")]
    public async Task Wrong_settings(string setting, string sentence)
    {
        using var components = ComponentFolder.WithPubSub([setting]);
        await AssertRefusedAsync(components, ["pubsub.yaml(", sentence]);
    }

    [Fact]
    public async Task Secrets_that_cannot_be_had()
    {
        using var components = ComponentFolder.WithPubSub();
        await AssertRefusedAsync(components, ["asks the secret store environment for REDIS_PASSWORD, but the environment variable REDIS_PASSWORD is not set"], withPassword: false);

        components["secrets.yaml"] = ComponentFolder.SecretStore.Replace("name: environment", "name: elsewhere", StringComparison.Ordinal);
        await AssertRefusedAsync(components, ["auth.secretStore names 'environment', but no component of this app is a secret store of that name"]);

        components["secrets.yaml"] = ComponentFolder.SecretStore;
        components["pubsub.yaml"] = ComponentFolder.PubSub().Replace("REDIS_PASSWORD", "DAPR_API_TOKEN", StringComparison.Ordinal);
        await AssertRefusedAsync(components, ["may not name DAPR_API_TOKEN"]);
    }

    [Theory]
    [InlineData("  policies: { retries: { r: { policy: sometimes } } }", "policies.retries.r.policy 'sometimes' is neither constant nor exponential")]
    [InlineData("  policies: { timeouts: { t: soon } }", "policies.timeouts.t 'soon' is not a duration")]
    [InlineData("  policies: { circuitBreakers: { b: { trip: 'x > y' } } }", "policies.circuitBreakers.b.trip 'x > y' needs daprd")]
    [InlineData("  targets: { components: { pubsub: { inbound: { retry: none } } } }", "inbound.retry names 'none', but there is no such policy")]
    [InlineData("  policies: { retrys: {} }", "policies.retrys is not a field here")]
    public async Task Wrong_policies(string spec, string sentence)
    {
        using var components = ComponentFolder.WithPubSub(policies: spec);
        await AssertRefusedAsync(components, ["resiliency.yaml(", sentence]);
    }

    [Fact]
    public async Task A_component_of_other_apps_is_not_read()
    {
        using var components = ComponentFolder.WithPubSub();
        components["other.yaml"] = "apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata: { name: kafka }\nspec: { type: pubsub.kafka, version: v1 }\nscopes: [somebody-else]";
        await using var sidecar = await SidecarProcess.StartAsync("scoped-out", components.Path, redis.Address);
        Assert.Equal(HttpStatusCode.NotFound, (await sidecar.PublishAsync("t", new StringContent("x"), pubSub: "kafka")).StatusCode);
    }

    [Fact]
    public async Task No_Redis_no_sidecar()
    {
        using var components = ComponentFolder.WithPubSub();
        await AssertRefusedAsync(components, ["component pubsub: no connection to Redis at 127.0.0.1:1: nobody answers there"], redisAddress: "127.0.0.1:1");
    }

    [Fact]
    public async Task A_taken_port_is_named()
    {
        using var components = new ComponentFolder();
        using var holder = new TcpListener(IPAddress.Loopback, 0);
        holder.Start();
        var port = ((IPEndPoint)holder.LocalEndpoint).Port;

        var (exitCode, output) = await SidecarProcess.RunAsync(["--app-id", "a", "--dapr-http-port", $"{port}", "--dapr-grpc-port", $"{Programs.FreePort()}"]);

        Assert.Equal(1, exitCode);
        Assert.Contains($"127.0.0.1:{port}", output);
        Assert.Contains("address already in use", output);
    }

    private async Task AssertRefusedAsync(ComponentFolder components, string[] parts, bool withPassword = true, string? redisAddress = null)
    {
        var environment = new Dictionary<string, string> { ["REDIS_HOST"] = redisAddress ?? redis.Address };
        if (withPassword) environment["REDIS_PASSWORD"] = RedisProcess.Password;
        var (exitCode, output) = await SidecarProcess.RunAsync(["--app-id", "a", "--resources-path", components.Path], environment);
        Assert.Equal(1, exitCode);
        Assert.All(parts, part => Assert.Contains(part, output));
        Assert.Single(output.Split('\n'));
        Assert.DoesNotContain(RedisProcess.Password, output);
    }
}
