using TaskFlow.Testing;

[assembly: AssemblyFixture(typeof(TaskFlow.System.Tests.SystemFixture))]

namespace TaskFlow.System.Tests;

/// <summary>One running system for all tests here; each test makes its own people and workspaces.</summary>
public sealed class SystemFixture : IAsyncLifetime
{
    public TaskFlowSystem System { get; private set; } = null!; // set before the first test runs

    public async ValueTask InitializeAsync() => System = await TaskFlowSystem.StartAsync();

    public ValueTask DisposeAsync() => System?.DisposeAsync() ?? ValueTask.CompletedTask;
}
