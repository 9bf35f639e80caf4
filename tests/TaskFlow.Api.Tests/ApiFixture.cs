using Npgsql;
using TaskFlow.Testing;

[assembly: AssemblyFixture(typeof(TaskFlow.Api.Tests.ApiFixture))]

namespace TaskFlow.Api.Tests;

/// <summary>One running system for all tests of the API; each test makes its own people and workspaces.</summary>
public sealed class ApiFixture : IAsyncLifetime
{
    private readonly Lazy<Task<ApiInstance>> _second;
    private NpgsqlDataSource? _database;

    public ApiFixture() => _second = new(() => ApiInstance.StartAsync(this));

    public TaskFlowSystem System { get; private set; } = null!;

    public string DatabaseConnection { get; private set; } = "";

    public string RedisConnection { get; private set; } = "";

    /// <summary>The database behind the API, for what only time or a fault could bring about.</summary>
    public NpgsqlDataSource Database => _database ??= NpgsqlDataSource.Create(DatabaseConnection);

    /// <summary>A second instance of the API on the same database and Redis, in production's environment. It outlives the test: leave it running.</summary>
    public Task<ApiInstance> SecondInstanceAsync() => _second.Value;

    public async ValueTask InitializeAsync()
    {
        System = await TaskFlowSystem.StartAsync();
        DatabaseConnection = await System.ConnectionStringAsync("taskflow");
        RedisConnection = await System.ConnectionStringAsync("redis");
    }

    public async ValueTask DisposeAsync()
    {
        if (_second is { IsValueCreated: true, Value.IsCompletedSuccessfully: true }) await _second.Value.Result.DisposeAsync();
        if (_database is not null) await _database.DisposeAsync();
        if (System is not null) await System.DisposeAsync();
    }

    /// <summary>A client without credentials.</summary>
    public HttpClient Anonymous() => System.CreateApiClient();

    public Task<TestUser> RegisterAsync(string name = "Ada Example") => System.RegisterAsync(name);

    /// <summary>A workspace of somebody new, who owns it.</summary>
    public async Task<(TestUser Owner, Guid Workspace)> CreateWorkspaceAsync()
    {
        var owner = await RegisterAsync();
        return (owner, await owner.CreateWorkspaceAsync());
    }

    /// <summary>Somebody new with that role in the workspace.</summary>
    public async Task<TestUser> AddMemberAsync(TestUser owner, Guid workspace, string role, string name = "Mia Example")
    {
        var user = await RegisterAsync(name);
        await owner.AddMemberAsync(workspace, user, role);
        return user;
    }
}
