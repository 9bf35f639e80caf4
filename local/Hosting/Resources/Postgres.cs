using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Resources;

namespace Aspire.Hosting
{
    public static class PostgresBuilderExtensions
    {
        public static IResourceBuilder<PostgresServerResource> AddPostgres(
            this IDistributedApplicationBuilder builder, string name, IResourceBuilder<ParameterResource>? userName = null,
            IResourceBuilder<ParameterResource>? password = null, int? port = null)
        {
            var secret = password?.Resource
                ?? ParameterResourceBuilderExtensions.Create(builder, $"{name}-password", new GenerateParameterDefault { Special = false }, secret: true, persist: true);
            var server = new PostgresServerResource(name, userName?.Resource, secret);
            return builder.AddResource(server)
                .WithAnnotation(new EndpointAnnotation(ProtocolType.Tcp, name: PostgresServerResource.PrimaryEndpointName, port: port))
                .WithAnnotation(new LauncherAnnotation(new PostgresLauncher(server, (DistributedApplicationBuilder)builder)));
        }

        public static IResourceBuilder<PostgresDatabaseResource> AddDatabase(this IResourceBuilder<PostgresServerResource> builder, string name, string? databaseName = null)
        {
            var database = new PostgresDatabaseResource(name, databaseName ?? name, builder.Resource);
            builder.Resource.Databases.Add(database.DatabaseName);
            return builder.ApplicationBuilder.AddResource(database);
        }

        /// <summary>On the Local engine the data always lies in the data folder, and so outlives the run.</summary>
        public static IResourceBuilder<PostgresServerResource> WithDataVolume(
            this IResourceBuilder<PostgresServerResource> builder, string? name = null, bool isReadOnly = false) => builder;
    }
}

namespace Aspire.Hosting.ApplicationModel
{
    public class PostgresServerResource(string name, ParameterResource? userName, ParameterResource password)
        : Resource(name), IResourceWithConnectionString, IResourceWithEndpoints, IResourceWithEnvironment, IResourceWithArgs, IResourceWithWaitSupport, IConnectionProperties
    {
        internal const string PrimaryEndpointName = "tcp";

        public EndpointReference PrimaryEndpoint => new(this, PrimaryEndpointName);
        public ParameterResource? UserNameParameter { get; } = userName;
        public ParameterResource PasswordParameter { get; } = password;

        internal List<string> Databases { get; } = [];

        internal async ValueTask<string> UserNameAsync(CancellationToken cancellationToken) =>
            UserNameParameter is null ? "postgres" : await UserNameParameter.GetValueAsync(cancellationToken).ConfigureAwait(false) ?? "postgres";

        public async ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) =>
            $"Host={PrimaryEndpoint.Host};Port={PrimaryEndpoint.Port};Username={await UserNameAsync(cancellationToken).ConfigureAwait(false)};" +
            $"Password={await PasswordParameter.GetValueAsync(cancellationToken).ConfigureAwait(false)}";

        IEnumerable<KeyValuePair<string, object>> IConnectionProperties.ConnectionProperties =>
        [
            new("Host", PrimaryEndpoint.Property(EndpointProperty.Host)),
            new("Port", PrimaryEndpoint.Property(EndpointProperty.Port)),
            new("Username", UserNameParameter is null ? "postgres" : UserNameParameter),
            new("Password", PasswordParameter),
            new("Uri", new PostgresUri(this, null)),
        ];
    }

    public class PostgresDatabaseResource(string name, string databaseName, PostgresServerResource postgresParentResource)
        : Resource(name), IResourceWithParent, IResourceWithConnectionString, IConnectionProperties
    {
        public string DatabaseName { get; } = databaseName;
        public PostgresServerResource Parent { get; } = postgresParentResource;

        IResource IResourceWithParent.Parent => Parent;

        public async ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) =>
            $"{await Parent.GetValueAsync(cancellationToken).ConfigureAwait(false)};Database={DatabaseName}";

        IEnumerable<KeyValuePair<string, object>> IConnectionProperties.ConnectionProperties =>
        [
            .. ((IConnectionProperties)Parent).ConnectionProperties.Where(property => property.Key != "Uri"),
            new("Uri", new PostgresUri(Parent, DatabaseName)),
            new("DatabaseName", DatabaseName),
        ];
    }

    internal sealed class PostgresUri(PostgresServerResource server, string? database) : Engine.ISecretValue
    {
        public async ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default)
        {
            var user = Uri.EscapeDataString(await server.UserNameAsync(cancellationToken).ConfigureAwait(false));
            var password = Uri.EscapeDataString(await server.PasswordParameter.GetValueAsync(cancellationToken).ConfigureAwait(false) ?? "");
            return $"postgresql://{user}:{password}@{server.PrimaryEndpoint.Host}:{server.PrimaryEndpoint.Port}{(database is null ? "" : "/" + database)}";
        }
    }
}
