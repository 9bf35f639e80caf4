using StackExchange.Redis;

namespace TaskFlow.Local.Tests.DaprSidecar.Support;

/// <summary>The Redis that the Local engine brings along, as a process of its own. One serves all tests; those that harm it start another.</summary>
public sealed class RedisProcess : IAsyncLifetime
{
    public const string Password = "redis-secret-8f2a";

    private readonly int _port = Programs.FreePort();
    private ChildProcess? _process;

    public string Address => $"127.0.0.1:{_port}";

    public async ValueTask InitializeAsync() => await StartAsync();

    /// <summary>Empty: it keeps nothing on disk.</summary>
    public async Task StartAsync()
    {
        _process = new ChildProcess("dotnet", [Programs.RedisServer, "--port", $"{_port}"], new Dictionary<string, string> { ["REDIS_PASSWORD"] = Password });
        await Wait.UntilAsync(async () =>
        {
            if (_process.HasExited) throw new InvalidOperationException(_process.Output);
            try
            {
                await using var connection = await ConnectAsync();
                return (await connection.GetDatabase().PingAsync()) > TimeSpan.Zero;
            }
            catch (RedisConnectionException)
            {
                return false;
            }
        }, "Redis answers");
    }

    public Task KillAsync() => _process!.KillAsync();

    public async Task FlushAsync()
    {
        await using var connection = await ConnectAsync();
        await connection.GetServers()[0].FlushAllDatabasesAsync();
    }

    public async Task<ConnectionMultiplexer> ConnectAsync()
    {
        var options = new ConfigurationOptions { EndPoints = { Address }, Password = Password, AllowAdmin = true, ConnectTimeout = 2000, ConnectRetry = 1 };
        return await ConnectionMultiplexer.ConnectAsync(options);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
    }
}
