using System.Net;
using System.Net.Sockets;
using Garnet;
using StackExchange.Redis;
using TaskFlow.Testing;

[assembly: AssemblyFixture(typeof(TaskFlow.Push.Tests.Support.RedisServer))]

namespace TaskFlow.Push.Tests.Support;

/// <summary>A Redis-compatible server inside the test process: the same Garnet that the Local engine uses where no redis-server is installed.</summary>
public sealed class RedisServer : IDisposable
{
    private GarnetServer _server;

    public RedisServer()
    {
        for (var attempt = 0; ; attempt++)
        {
            Port = Ports.Free();
            try
            {
                _server = Create(Port);
                break;
            }
            catch (Exception) when (attempt < 5) { }
        }
        Client = ConnectionMultiplexer.Connect($"{ConnectionString},allowAdmin=true");
    }

    public int Port { get; }
    public string ConnectionString => $"127.0.0.1:{Port},abortConnect=false";
    public IConnectionMultiplexer Client { get; }

    public void Stop() => _server.Dispose();
    public void Start() => _server = Create(Port);

    public void Dispose()
    {
        Client.Dispose();
        _server.Dispose();
    }

    private static GarnetServer Create(int port)
    {
        var server = new GarnetServer(["--port", $"{port}", "--bind", "127.0.0.1", "-m", "64m", "-p", "4m", "-i", "4m", "--lua", "--device-type", "RandomAccess"]);
        server.Start();
        return server;
    }
}
