using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using TaskFlow.Contracts;
using TaskFlow.Testing;

namespace TaskFlow.System.Tests;

/// <summary>What the AppHost describes, on whichever engine it was built for; nothing is started.</summary>
public sealed class AppHostModelTests
{
    [Fact]
    public async Task Services_wait_for_what_they_need_and_come_in_as_many_instances_as_asked_for()
    {
        await using var builder = await CreateAsync("--Push:Replicas=3", "--Web:Enabled=false");

        Assert.Equal([Topology.Resources.Api, Topology.Resources.Push], builder.Resources.OfType<ProjectResource>().Select(resource => resource.Name).Order(StringComparer.Ordinal));
        Assert.Superset(new HashSet<string> { Topology.Resources.Database, Topology.Resources.Redis }, WaitsFor(builder, Topology.Resources.Api));
        Assert.Superset(new HashSet<string> { Topology.Resources.Api, Topology.Resources.Redis }, WaitsFor(builder, Topology.Resources.Push));
        Assert.Equal(3, Replicas(builder, Topology.Resources.Push));
        Assert.Equal(1, Replicas(builder, Topology.Resources.Api));
        Assert.DoesNotContain(builder.Resources, resource => resource.Name == "web");
    }

    [Fact]
    public async Task Names_are_those_of_the_contracts_and_secrets_are_secret()
    {
        await using var builder = await CreateAsync();

        var names = builder.Resources.Select(resource => resource.Name).ToHashSet();
        Assert.Superset(new HashSet<string> { Topology.Resources.Database, Topology.Resources.Redis, Topology.PubSub, "web" }, names);
        foreach (var secret in (string[])["service-key", "key-encryption-secret", "dapr-api-token", "app-api-token"])
        {
            Assert.True(Assert.Single(builder.Resources.OfType<ParameterResource>(), parameter => parameter.Name == secret).Secret, secret);
        }
    }

    private static Task<IDistributedApplicationTestingBuilder> CreateAsync(params string[] args) =>
        DistributedApplicationTestingBuilder.CreateAsync<Projects.TaskFlow_AppHost>(args, new CancellationTokenSource(Deadline.Default).Token);

    private static HashSet<string> WaitsFor(IDistributedApplicationTestingBuilder builder, string name) =>
        [.. Resource(builder, name).Annotations.OfType<WaitAnnotation>().Select(wait => wait.Resource.Name)];

    private static int Replicas(IDistributedApplicationTestingBuilder builder, string name) =>
        Resource(builder, name).Annotations.OfType<ReplicaAnnotation>().LastOrDefault()?.Replicas ?? 1;

    private static IResource Resource(IDistributedApplicationTestingBuilder builder, string name) => builder.Resources.Single(resource => resource.Name == name);
}
