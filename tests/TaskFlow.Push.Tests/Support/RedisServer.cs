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
    private readonly string[] _arguments;
    private readonly string _options;
    private GarnetServer _server;

    public RedisServer() : this([], "") { }

    /// <param name="arguments">What Garnet is started with besides.</param>
    /// <param name="options">What clients need to know of it, as in a connection string.</param>
    private RedisServer(string[] arguments, string options)
    {
        (_arguments, _options) = (arguments, options);
        for (var attempt = 0; ; attempt++)
        {
            Port = Ports.Free();
            try
            {
                _server = Create();
                break;
            }
            catch (Exception) when (attempt < 5) { }
        }
        var client = ConfigurationOptions.Parse($"{ConnectionString},allowAdmin=true");
        client.CertificateValidation += (_, _, _, _) => true;
        Client = ConnectionMultiplexer.Connect(client);
    }

    public static RedisServer WithPassword(string password) => new(["--auth", "Password", "--password", password], $",password={password}");

    public static RedisServer WithTls(string certificate, string certificatePassword, string password) => new(
        ["--auth", "Password", "--password", password, "--tls", "--cert-file-name", certificate, "--cert-password", certificatePassword, "--client-certificate-required", "false"],
        $",password={password},ssl=true,sslHost=localhost");

    public int Port { get; }
    public string ConnectionString => $"127.0.0.1:{Port},abortConnect=false{_options}";
    public IConnectionMultiplexer Client { get; }

    public void Stop() => _server.Dispose();
    public void Start() => _server = Create();

    public void Dispose()
    {
        Client.Dispose();
        _server.Dispose();
    }

    private GarnetServer Create()
    {
        var server = new GarnetServer([.. _arguments, "--port", $"{Port}", "--bind", "127.0.0.1", "-m", "64m", "-p", "4m", "-i", "4m", "--lua", "--device-type", "RandomAccess"]);
        server.Start();
        return server;
    }
}
