using System.Text.RegularExpressions;
using TaskFlow.Contracts;
using YamlDotNet.RepresentationModel;

namespace TaskFlow.Deploy.Tests;

/// <summary>The CloudFormation template: every reference leads somewhere, and every name is one that the code knows.</summary>
public sealed partial class EcsTemplateTests
{
    private static readonly YamlMappingNode Template = RepositoryFiles.Yaml("deploy/ecs/template.yaml");

    private static readonly HashSet<string> Names =
    [
        .. Keys("Parameters"), .. Keys("Resources"), "AWS::Region", "AWS::AccountId", "AWS::Partition", "AWS::StackName", "AWS::NoValue",
    ];

    [GeneratedRegex(@"\$\{(?<name>[A-Za-z0-9:]+)(\.[A-Za-z0-9.]+)?\}")]
    private static partial Regex Substitution { get; }

    [Fact]
    public void Every_reference_leads_to_a_parameter_or_resource()
    {
        var unknown = new List<string>();
        foreach (var node in RepositoryFiles.All(Template).OfType<YamlScalarNode>())
        {
            var names = node.Tag.IsEmpty ? [] : node.Tag.Value switch
            {
                "!Ref" => [node.Value!],
                "!GetAtt" => [node.Value!.Split('.')[0]],
                "!Sub" => Substitution.Matches(node.Value!).Select(match => match.Groups["name"].Value).ToArray(),
                _ => (string[])["unknown function " + node.Tag],
            };
            unknown.AddRange(names.Where(name => !Names.Contains(name)));
        }
        foreach (var resource in Map("Resources"))
        {
            if (resource.Value.Get("DependsOn") is not { } depends) continue;
            unknown.AddRange((depends is YamlSequenceNode list ? list.Select(item => item.Text()) : [depends.Text()]).Where(name => !Names.Contains(name)));
        }
        Assert.Empty(unknown);
    }

    [Fact]
    public void Every_parameter_and_secret_is_used()
    {
        var text = RepositoryFiles.Read("deploy/ecs/template.yaml");
        foreach (var name in Keys("Parameters").Append("ServiceKey").Append("KeyEncryptionSecret"))
        {
            Assert.True(Regex.Count(text, $@"\b{name}\b") > 1, $"{name} is declared and never used");
        }
    }

    [Theory]
    [InlineData("ApiTask", Topology.Resources.Api)]
    [InlineData("PushTask", Topology.Resources.Push)]
    public void A_task_has_the_service_its_sidecar_and_the_settings_that_the_code_reads(string task, string appId)
    {
        var service = Container(task, appId);
        var sidecar = Container(task, "dapr");

        Assert.Equal("true", service.Get("ReadonlyRootFilesystem").Text());
        Assert.Equal("HEALTHY", ((YamlSequenceNode)service.Get("DependsOn")!)[0].Get("Condition").Text());
        Assert.Contains("--wait", ((YamlSequenceNode)sidecar.Get("HealthCheck")!.Get("Command")!).Select(item => item.Text()));
        var command = ((YamlSequenceNode)sidecar.Get("Command")!).Select(item => item.Text()).ToList();
        Assert.Equal(appId, command[command.IndexOf("--app-id") + 1]);
        Assert.Equal("127.0.0.1", command[command.IndexOf("--dapr-listen-addresses") + 1]);
        var port = ((YamlSequenceNode)service.Get("PortMappings")!)[0].Get("ContainerPort").Text();
        Assert.Equal(port, command[command.IndexOf("--app-port") + 1]);

        Assert.Empty(Settings(service).Except(KnownSettings.Service));
        Assert.Empty(Settings(sidecar).Except(KnownSettings.Sidecar));
        Assert.Superset(KnownSettings.RequiredOf(appId), Settings(service));
        Assert.Superset(new HashSet<string> { "REDIS_HOST", "REDIS_PASSWORD", "REDIS_TLS", "DAPR_API_TOKEN", "APP_API_TOKEN" }, Settings(sidecar));
    }

    [Fact]
    public void No_secret_stands_in_plain_environment()
    {
        foreach (var (task, container) in new[] { ("ApiTask", "api"), ("ApiTask", "dapr"), ("PushTask", "push"), ("PushTask", "dapr") })
        {
            var plain = ((YamlSequenceNode)Container(task, container).Get("Environment")!).Select(item => item.Get("Name").Text());
            Assert.DoesNotContain(plain, name => name.Contains("TOKEN", StringComparison.Ordinal) || name.Contains("PASSWORD", StringComparison.Ordinal) || name.Contains("Key", StringComparison.Ordinal));
        }
    }

    /// <summary>ECS reads them before it starts a container; what it may not read keeps every task from starting.</summary>
    [Fact]
    public void The_execution_role_may_read_whatever_the_tasks_secrets_name()
    {
        var statements = ((YamlSequenceNode)((YamlSequenceNode)Map("Resources")["ExecutionRole"].Get("Properties")!.Get("Policies")!)[0].Get("PolicyDocument")!.Get("Statement")!)
            .Where(statement => statement.Get("Effect").Text() == "Allow").ToList();
        var named = new[] { "ApiTask", "PushTask" }
            .SelectMany(task => (YamlSequenceNode)Map("Resources")[task].Get("Properties")!.Get("ContainerDefinitions")!)
            .SelectMany(container => container.Get("Secrets") as YamlSequenceNode ?? []).Select(secret => Referenced(secret.Get("ValueFrom")!)).Distinct().ToList();
        Assert.NotEmpty(named);
        foreach (var name in named)
        {
            var action = Map("Resources")[name].Get("Type").Text() == "AWS::SSM::Parameter" ? "ssm:GetParameters" : "secretsmanager:GetSecretValue";
            Assert.True(statements.Any(statement => Texts(statement.Get("Action")).Contains(action) && ((YamlSequenceNode)statement.Get("Resource")!).Any(item => Referenced(item) == name)),
                $"nothing allows {action} on {name}");
        }
    }

    /// <summary>Tasks read their secrets once, when they start: one that changes by itself would lock them out of the database.</summary>
    [Fact]
    public void The_tasks_database_password_is_the_databases_and_nothing_changes_it_behind_their_back()
    {
        var database = Map("Resources")["Database"].Get("Properties")!;
        Assert.Null(database.Get("ManageMasterUserPassword"));
        Assert.DoesNotContain(Map("Resources").Values, resource => resource.Get("Type").Text() == "AWS::SecretsManager::RotationSchedule");
        var password = ((YamlSequenceNode)Container("ApiTask", "api").Get("Secrets")!).Single(secret => secret.Get("Name").Text() == "PGPASSWORD").Get("ValueFrom")!;
        Assert.Equal("{{resolve:secretsmanager:${" + password.Text() + "}}}", database.Get("MasterUserPassword").Text());
    }

    /// <summary>
    /// CloudWatch takes a metric with other dimensions for another one, without data: what the scaling asks for must be what the exporter makes of the meter, its
    /// name and attributes (awsemf without rollup and declarations).
    /// </summary>
    [Fact]
    public void Push_scales_on_the_connections_of_all_transports_as_the_exporter_names_them()
    {
        var exporter = RepositoryFiles.Parse(Map("Resources")["CollectorConfig"].Get("Properties")!.Get("Value").Text()).Get("exporters")!.Get("awsemf")!;
        Assert.Equal("NoDimensionRollup", exporter.Get("dimension_rollup_option").Text());
        Assert.Null(exporter.Get("metric_declarations"));
        Assert.Null(exporter.Get("resource_to_telemetry_conversion"));
        var telemetry = RepositoryFiles.Read("TaskFlow.Push/Telemetry/PushTelemetry.cs");
        var transports = Regex.Matches(telemetry, @"new\(""taskflow\.transport"", ""(?<name>\w+)""\)").Select(match => match.Groups["name"].Value).ToList();
        Assert.Matches(@"CreateObservableGauge\(""taskflow\.push\.connections""", telemetry);

        var queries = ((YamlSequenceNode)Map("Resources")["PushScalingByConnections"].Get("Properties")!.Get("TargetTrackingScalingPolicyConfiguration")!
            .Get("CustomizedMetricSpecification")!.Get("Metrics")!).ToList();
        var series = queries.Where(query => query.Get("MetricStat") is not null).ToList();
        foreach (var query in series)
        {
            var metric = query.Get("MetricStat")!.Get("Metric")!;
            Assert.Equal("Average", query.Get("MetricStat")!.Get("Stat").Text());
            Assert.Equal((exporter.Get("namespace").Text(), "taskflow.push.connections"), (metric.Get("Namespace").Text(), metric.Get("MetricName").Text()));
            var dimensions = ((YamlSequenceNode)metric.Get("Dimensions")!).ToDictionary(item => item.Get("Name").Text(), item => item.Get("Value").Text());
            Assert.Equal(new Dictionary<string, string> { ["OTelLib"] = "TaskFlow.Push", ["taskflow.transport"] = query.Get("Id").Text() }, dimensions);
        }
        Assert.Equal(transports, series.Select(query => query.Get("Id").Text()));
        var sum = Assert.Single(queries, query => query.Get("ReturnData").Text() == "true");
        Assert.Equal(string.Join(" + ", transports), sum.Get("Expression").Text());
        var units = ((YamlSequenceNode)exporter.Get("metric_descriptors")!).ToDictionary(item => item.Get("metric_name").Text(), item => (item.Get("unit").Text(), item.Get("overwrite").Text()));
        Assert.Equal(("Count", "true"), units["taskflow.push.connections"]);
    }

    [Fact]
    public void Only_realtime_paths_lead_to_push_and_internal_ones_nowhere()
    {
        var rule = Map("Resources")["RealtimeRule"].Get("Properties")!;
        Assert.Equal("/realtime/*", ((YamlSequenceNode)((YamlSequenceNode)rule.Get("Conditions")!)[0].Get("PathPatternConfig")!.Get("Values")!)[0].Text());
        var blocked = Map("Resources")["InternalRule"].Get("Properties")!;
        Assert.Equal($"{Topology.Routes.Internal}/*", ((YamlSequenceNode)((YamlSequenceNode)blocked.Get("Conditions")!)[0].Get("PathPatternConfig")!.Get("Values")!)[0].Text());
        Assert.True(int.Parse(blocked.Get("Priority").Text(), System.Globalization.CultureInfo.InvariantCulture) < int.Parse(rule.Get("Priority").Text(), System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>ECS sends SIGTERM, and with it everything a drain does, only when the load balancer's delay is over.</summary>
    [Fact]
    public void The_load_balancer_does_not_keep_push_from_hearing_that_it_has_to_go()
    {
        var attributes = (YamlSequenceNode)Map("Resources")["PushTargets"].Get("Properties")!.Get("TargetGroupAttributes")!;
        var delay = attributes.Single(item => item.Get("Key").Text() == "deregistration_delay.timeout_seconds").Get("Value").Text();
        Assert.InRange(int.Parse(delay, System.Globalization.CultureInfo.InvariantCulture), 0, 5);
    }

    private static YamlNode Container(string task, string name) =>
        ((YamlSequenceNode)Map("Resources")[task].Get("Properties")!.Get("ContainerDefinitions")!).Single(item => item.Get("Name").Text() == name);

    private static HashSet<string> Settings(YamlNode container) =>
        [.. new[] { "Environment", "Secrets" }.SelectMany(list => ((YamlSequenceNode)container.Get(list)!).Select(item => item.Get("Name").Text()))];

    /// <summary>The one resource of ours that a reference leads to.</summary>
    private static string Referenced(YamlNode node) => node.Tag.Value switch
    {
        "!Ref" => node.Text(),
        "!GetAtt" => node.Text().Split('.')[0],
        _ => Substitution.Matches(node.Text()).Select(match => match.Groups["name"].Value).Single(name => !name.StartsWith("AWS::", StringComparison.Ordinal)),
    };

    private static IEnumerable<string> Texts(YamlNode? list) => ((YamlSequenceNode)list!).Select(item => item.Text());

    private static Dictionary<string, YamlNode> Map(string section) => ((YamlMappingNode)Template.Get(section)!).ToDictionary(item => item.Key.Text(), item => item.Value);

    private static IEnumerable<string> Keys(string section) => Map(section).Keys;
}
