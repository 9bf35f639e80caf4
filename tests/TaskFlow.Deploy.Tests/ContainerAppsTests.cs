using System.Diagnostics;
using System.Reflection;
using System.Text.RegularExpressions;
using TaskFlow.Contracts;
using TaskFlow.Testing;
using YamlDotNet.RepresentationModel;

namespace TaskFlow.Deploy.Tests;

/// <summary>The Bicep files against the component files and the code's constants: Container Apps has a schema of its own for Dapr.</summary>
public sealed partial class ContainerAppsTests
{
    private static readonly string PubSub = RepositoryFiles.Read("deploy/aca/pubsub.bicep");
    private static readonly string Apps = RepositoryFiles.Read("deploy/aca/resources.bicep") + RepositoryFiles.Read("deploy/aca/app.bicep");

    [GeneratedRegex(@"\{ name: '(?<name>\w+)', (?:value|secretRef): '(?<value>[^']*)' \}")]
    private static partial Regex NameValue { get; }

    [Fact]
    public async Task The_files_compile_without_a_warning()
    {
        var bicep = typeof(ContainerAppsTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().SingleOrDefault(item => item.Key == "Bicep")?.Value;
        Assert.SkipWhen(bicep is null, "there is no Bicep compiler for this platform");
        var start = new ProcessStartInfo(bicep!, ["build", Path.Combine(RepositoryFiles.Root, "deploy/aca/main.bicep"), "--stdout"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var compiler = Process.Start(start)!;
        var output = compiler.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var complaints = await compiler.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(Deadline.Default);
        await output.WaitAsync(Deadline.Default);
        Assert.Equal("", complaints.Trim());
    }

    /// <summary>
    /// azd creates the apps with a placeholder and then changes the image alone: ports must be right for both from the start, and probes, which only our image
    /// answers, come when the infrastructure is brought up again.
    /// </summary>
    [Fact]
    public void A_new_app_starts_from_an_image_that_listens_where_ours_does_and_gets_its_probes_afterwards()
    {
        Assert.Contains("'mcr.microsoft.com/dotnet/samples:aspnetapp'", Apps, StringComparison.Ordinal);
        Assert.Matches(@"probes: exists \? \[[^\]]*\] : \[\]", Apps);
        var steps = (YamlSequenceNode)RepositoryFiles.Yaml("azure.yaml").Get("workflows")!.Get("up")!.Get("steps")!;
        Assert.Equal(["package --all", "provision", "deploy --all", "provision"], steps.Select(step => step.Get("azd").Text()));
    }

    [Fact]
    public void The_component_has_the_values_of_components_pubsub()
    {
        var component = RepositoryFiles.Yaml("components/pubsub.yaml");
        var expected = ((YamlSequenceNode)component.Get("spec")!.Get("metadata")!)
            .Where(item => item.Get("value") is not null)
            .ToDictionary(item => item.Get("name").Text(), item => item.Get("value").Text());
        var actual = NameValue.Matches(PubSub).ToDictionary(match => match.Groups["name"].Value, match => match.Groups["value"].Value);
        foreach (var (name, value) in expected) Assert.Equal(value, actual.GetValueOrDefault(name));
        Assert.Contains($"name: '{Topology.PubSub}'", PubSub, StringComparison.Ordinal);
        Assert.Contains("scopes: ['api', 'push']", PubSub, StringComparison.Ordinal);
        Assert.Contains($"componentType: '{component.Get("spec")!.Get("type").Text()}'", PubSub, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_variable_is_one_that_the_code_reads()
    {
        var variables = Regex.Matches(Apps, @"\{ name: '(?<name>[A-Za-z_]\w*)', (value|secretRef):").Select(match => match.Groups["name"].Value).Where(name => char.IsUpper(name[0]) || name.Contains("__", StringComparison.Ordinal));
        Assert.Empty(variables.Except(KnownSettings.Service));
    }

    [Fact]
    public void The_sidecar_calls_a_port_that_the_ingress_does_not_lead_to()
    {
        Assert.Contains("targetPort: 8080", Apps, StringComparison.Ordinal);
        Assert.Contains("appPort: 8081", Apps, StringComparison.Ordinal);
        Assert.Contains("{ name: 'HTTP_PORTS', value: '8080;8081' }", Apps, StringComparison.Ordinal);
        Assert.Contains($"{{ name: '{Topology.Settings.DaprAppPort}', value: '8081' }}", Apps, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_app_tells_its_name_with_its_telemetry() => Assert.Contains("{ name: 'OTEL_SERVICE_NAME', value: name }", Apps, StringComparison.Ordinal);

    [Fact]
    public void Azd_deploys_both_services_and_every_parameter_is_passed()
    {
        var azure = RepositoryFiles.Yaml("azure.yaml");
        Assert.Equal([Topology.Resources.Api, Topology.Resources.Push], ((YamlMappingNode)azure.Get("services")!).Select(item => item.Key.Text()));
        var main = RepositoryFiles.Read("deploy/aca/main.bicep");
        var passed = System.Text.Json.JsonDocument.Parse(RepositoryFiles.Read("deploy/aca/main.parameters.json")).RootElement.GetProperty("parameters").EnumerateObject().Select(item => item.Name);
        Assert.Equal(Regex.Matches(main, @"^param (\w+)", RegexOptions.Multiline).Select(match => match.Groups[1].Value).Order(), passed.Order());
    }
}
