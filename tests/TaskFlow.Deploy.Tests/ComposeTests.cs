using System.Text.RegularExpressions;
using TaskFlow.Contracts;
using YamlDotNet.RepresentationModel;

namespace TaskFlow.Deploy.Tests;

/// <summary>The Compose file: each service has its sidecar, every setting is one that the code knows, and no secret stands in it.</summary>
public sealed class ComposeTests
{
    private static readonly string Text = RepositoryFiles.Read("deploy/compose/compose.yaml");

    private static readonly Dictionary<string, YamlMappingNode> Services =
        Merged(RepositoryFiles.Yaml("deploy/compose/compose.yaml").Get("services")!).ToDictionary(item => item.Key.Text(), item => Merged(item.Value));

    [Theory]
    [InlineData("api", Topology.Resources.Api)]
    [InlineData("push-1", Topology.Resources.Push)]
    [InlineData("push-2", Topology.Resources.Push)]
    public void A_service_has_its_sidecar_and_the_settings_that_the_code_reads(string name, string appId)
    {
        var service = Services[name];
        var sidecar = Services[name + "-dapr"];

        Assert.Equal("true", service.Get("read_only").Text());
        Assert.Null(service.Get("ports"));
        Assert.Equal(appId, Flag(sidecar, "--app-id"));
        Assert.Equal(Settings(service)["HTTP_PORTS"], Flag(sidecar, "--app-port"));

        Assert.Empty(Settings(service).Keys.Except(KnownSettings.Service));
        Assert.Empty(Settings(sidecar).Keys.Except(KnownSettings.Sidecar));
        Assert.Superset(KnownSettings.RequiredOf(appId), Settings(service).Keys.ToHashSet());
        Assert.Superset(new HashSet<string> { "REDIS_HOST", "REDIS_PASSWORD", "REDIS_TLS", "DAPR_API_TOKEN", "APP_API_TOKEN" }, Settings(sidecar).Keys.ToHashSet());
    }

    /// <summary>
    /// Docker starts a container anew by itself, in a network namespace of its own each time: a sidecar that shared its service's would stay behind in the old
    /// one. So each finds the other by name, and only the token lets a caller in.
    /// </summary>
    [Theory]
    [InlineData("api")]
    [InlineData("push-1")]
    [InlineData("push-2")]
    public void A_sidecar_and_its_service_find_each_other_again_whichever_is_started_anew(string name)
    {
        var service = Services[name];
        var sidecar = Services[name + "-dapr"];

        Assert.Null(sidecar.Get("network_mode"));
        Assert.Null(sidecar.Get("ports"));
        Assert.Equal(name, Flag(sidecar, "--app-channel-address"));
        Assert.Equal($"http://{name}-dapr:{Flag(sidecar, "--dapr-http-port")}", Settings(service)["DAPR_HTTP_ENDPOINT"]);
        Assert.Equal($"http://{name}-dapr:{Flag(sidecar, "--dapr-grpc-port")}", Settings(service)["DAPR_GRPC_ENDPOINT"]);
        Assert.Equal("0.0.0.0", Flag(sidecar, "--dapr-listen-addresses"));
        foreach (var own in new[] { "--dapr-internal-grpc-listen-address", "--metrics-listen-address" }) Assert.Equal("127.0.0.1", Flag(sidecar, own));
        Assert.Equal(Settings(sidecar)["DAPR_API_TOKEN"], Settings(service)["DAPR_API_TOKEN"]);
        Assert.Equal(Settings(sidecar)["APP_API_TOKEN"], Settings(service)["APP_API_TOKEN"]);
        Assert.Equal(Settings(service)["OTEL_EXPORTER_OTLP_ENDPOINT"], Settings(sidecar)["OTEL_EXPORTER_OTLP_ENDPOINT"]);
    }

    [Fact]
    public void The_proxy_reaches_the_services_and_nothing_else()
    {
        Assert.Equal(["edge"], Networks("caddy"));
        Assert.Equal(["api", "push-1", "push-2"], Services.Keys.Where(name => name != "caddy" && Networks(name).Contains("edge")));
    }

    [Fact]
    public void No_container_can_take_all_of_the_hosts_memory() => Assert.All(Services, item => Assert.Matches("^[0-9]+[mg]$", item.Value.Get("mem_limit").Text()));

    [Fact]
    public void Every_secret_comes_from_outside_and_is_required()
    {
        foreach (var (name, value) in Services.Values.SelectMany(Settings).Where(item => Regex.IsMatch(item.Key, "TOKEN|PASSWORD|Key")))
        {
            if (name == Topology.Settings.ServiceKeyPrevious) Assert.Equal("${SERVICE_KEY_PREVIOUS:-}", value); // there is one only while keys change
            else Assert.True(Regex.IsMatch(value, @"^\$\{[A-Z_]+:\?"), $"{name} is '{value}'");
        }
        var script = RepositoryFiles.Read("deploy/compose/up.sh");
        foreach (Match variable in Regex.Matches(Text, @"\$\{(?<name>[A-Z_]+):\?")) Assert.Contains(variable.Groups["name"].Value, script, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_the_proxy_is_reached_from_outside_and_leads_realtime_paths_to_every_push_instance()
    {
        Assert.Equal(["caddy"], Services.Where(item => item.Value.Get("ports") is not null).Select(item => item.Key));
        var proxy = RepositoryFiles.Read("deploy/compose/Caddyfile");
        foreach (var closed in new[] { $"{Topology.Routes.Internal}/*", "/events/*" }) Assert.Matches(@"handle " + Regex.Escape(closed) + @" \{\s*respond 404", proxy);
        var instances = string.Join(' ', Services.Keys.Where(name => Regex.IsMatch(name, @"^push-\d$")).Order(StringComparer.Ordinal).Select(name => name + ":8080"));
        Assert.Matches(@"handle /realtime/\* \{[^}]*reverse_proxy " + Regex.Escape(instances) + @" \{", proxy);
    }

    private static string Flag(YamlNode sidecar, string name)
    {
        var command = ((YamlSequenceNode)sidecar.Get("command")!).Select(item => item.Text()).ToList();
        return command[command.IndexOf(name) + 1];
    }

    private static IEnumerable<string> Networks(string service) => ((YamlSequenceNode)Services[service].Get("networks")!).Select(item => item.Text());

    /// <summary>A service's environment.</summary>
    private static Dictionary<string, string> Settings(YamlNode service) => service.Get("environment") is YamlMappingNode environment
        ? Merged(environment).ToDictionary(item => item.Key.Text(), item => item.Value.Text())
        : [];

    /// <summary>The mapping with what its merge key (<c>&lt;&lt;</c>) brings in.</summary>
    private static YamlMappingNode Merged(YamlNode node)
    {
        var mapping = (YamlMappingNode)node;
        if (mapping.Get("<<") is not { } other) return mapping;
        var own = mapping.Where(item => item.Key.Text() != "<<").ToList();
        var inherited = Merged(other).Where(item => own.All(mine => mine.Key.Text() != item.Key.Text()));
        return new YamlMappingNode(own.Concat(inherited));
    }
}
