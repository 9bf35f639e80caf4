using System.Net.Sockets;
using System.Text;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Engine;
using Aspire.Hosting.Resources;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting
{
    public static class RedisBuilderExtensions
    {
        public static IResourceBuilder<RedisResource> AddRedis(
            this IDistributedApplicationBuilder builder, string name, int? port = null, IResourceBuilder<ParameterResource>? password = null)
        {
            var secret = password?.Resource
                ?? ParameterResourceBuilderExtensions.Create(builder, $"{name}-password", new GenerateParameterDefault { Special = false }, secret: true, persist: true);
            var redis = new RedisResource(name, secret);
            return builder.AddResource(redis)
                .WithAnnotation(new EndpointAnnotation(ProtocolType.Tcp, name: RedisResource.PrimaryEndpointName, port: port))
                .WithAnnotation(new LauncherAnnotation(new RedisLauncher(redis, (DistributedApplicationBuilder)builder)));
        }
    }
}

namespace Aspire.Hosting.ApplicationModel
{
    public class RedisResource(string name, ParameterResource password)
        : Resource(name), IResourceWithConnectionString, IResourceWithEndpoints, IResourceWithEnvironment, IResourceWithArgs, IResourceWithWaitSupport, IConnectionProperties
    {
        internal const string PrimaryEndpointName = "tcp";

        public EndpointReference PrimaryEndpoint => new(this, PrimaryEndpointName);

        public ParameterResource? PasswordParameter { get; } = password;

        public async ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) =>
            $"{PrimaryEndpoint.Host}:{PrimaryEndpoint.Port},password={await PasswordParameter!.GetValueAsync(cancellationToken).ConfigureAwait(false)}";

        IEnumerable<KeyValuePair<string, object>> IConnectionProperties.ConnectionProperties =>
        [
            new("Host", PrimaryEndpoint.Property(EndpointProperty.Host)),
            new("Port", PrimaryEndpoint.Property(EndpointProperty.Port)),
            new("Password", PasswordParameter!),
            new("Uri", new RedisUri(this)),
        ];
    }

    internal sealed class RedisUri(RedisResource redis) : ISecretValue
    {
        public async ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) =>
            $"redis://:{Uri.EscapeDataString(await redis.PasswordParameter!.GetValueAsync(cancellationToken).ConfigureAwait(false) ?? "")}@{redis.PrimaryEndpoint.Host}:{redis.PrimaryEndpoint.Port}";
    }
}

namespace Aspire.Hosting.Resources
{
    /// <summary>
    /// <c>redis-server</c> where it is installed, else Garnet, which speaks the same protocol and comes as a package. Loopback only, with a password, nothing
    /// kept on disk. <c>Local:Redis</c> = <c>redis-server</c> (or the path of one) or <c>garnet</c> insists on one of them.
    /// </summary>
    internal sealed class RedisLauncher(RedisResource redis, DistributedApplicationBuilder builder) : ILauncher
    {
        public string Type => "Redis";

        public bool EndsTheStart => true;

        /// <summary>The path of the installed server, null for Garnet. Only a real one has Streams, which daprd needs.</summary>
        public string? InstalledServer => builder.Configuration["Local:Redis"] switch
        {
            null or "" => Tools.Find("redis-server"),
            "garnet" => null,
            "redis-server" => Tools.Find("redis-server") ?? throw new DistributedApplicationException("redis-server is not on PATH, but Local:Redis says 'redis-server'."),
            var path when Path.IsPathRooted(path) && File.Exists(path) => path,
            var other => throw new DistributedApplicationException($"Local:Redis is '{other}': it may be 'redis-server', 'garnet' or the full path of a redis-server."),
        };

        public async Task<ChildCommand> PrepareAsync(Replica replica, CancellationToken cancellationToken)
        {
            var password = await redis.PasswordParameter!.GetValueAsync(cancellationToken).ConfigureAwait(false) ?? "";
            var folder = builder.State.Sub(redis.Name);
            var port = redis.PrimaryEndpoint.Port;
            if (InstalledServer is { } server)
            {
                // In a file, because a command line can be read by everybody on the machine.
                var file = Path.Combine(folder, "redis.conf");
                await using (var writer = new StreamWriter(DataFolder.OpenPrivate(file)))
                {
                    await writer.WriteAsync($"port {port}\nbind 127.0.0.1\nrequirepass {Quoted(password)}\nsave \"\"\nappendonly no\n").ConfigureAwait(false);
                }
                return new ChildCommand(server, [file], folder, new Dictionary<string, string>());
            }
            var (fileName, arguments) = builder.BuildInfo.Tool("redis-server");
            return new ChildCommand(fileName, [.. arguments, "--port", $"{port}"], folder, new Dictionary<string, string> { ["REDIS_PASSWORD"] = password });
        }

        /// <summary>A value of redis.conf: within quotes, white space, quotes and what begins a comment are text.</summary>
        private static string Quoted(string value)
        {
            var quoted = new StringBuilder("\"");
            foreach (var character in value)
            {
                if (character is '"' or '\\') quoted.Append('\\').Append(character);
                else if (char.IsAscii(character) && char.IsControl(character)) quoted.Append($"\\x{(int)character:x2}");
                else quoted.Append(character);
            }
            return quoted.Append('"').ToString();
        }

        public async Task<string?> ProbeAsync(Replica replica, CancellationToken cancellationToken)
        {
            var password = await redis.PasswordParameter!.GetValueAsync(cancellationToken).ConfigureAwait(false) ?? "";
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", redis.PrimaryEndpoint.Port, cancellationToken).ConfigureAwait(false);
            var stream = client.GetStream();
            await stream.WriteAsync(Encoding.UTF8.GetBytes($"*2\r\n$4\r\nAUTH\r\n${Encoding.UTF8.GetByteCount(password)}\r\n{password}\r\n*1\r\n$4\r\nPING\r\n"), cancellationToken).ConfigureAwait(false);
            var answer = "";
            var buffer = new byte[256];
            while (await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var read)
            {
                answer += Encoding.ASCII.GetString(buffer, 0, read);
                if (answer.Contains("+PONG\r\n")) return null;
                if (answer.StartsWith('-') && answer.EndsWith('\n')) return answer.Trim();
            }
            return "It closed the connection.";
        }
    }
}
