using Npgsql;

namespace TaskFlow.Api.Database;

/// <summary>What we ask of Npgsql beyond the connection string that the AppHost or the deployment gives; what that says explicitly wins.</summary>
internal sealed class DatabaseSettings
{
    private DatabaseSettings(string connectionString)
    {
        ConnectionString = Apply(connectionString, Limits);
        MigrationConnectionString = Apply(connectionString, [("Command Timeout", "600"), ("Pooling", "false")]);
    }

    /// <summary>For requests: short waits, so that a database that is away or a pool that is dry shows as a quick 503.</summary>
    public string ConnectionString { get; }

    /// <summary>For migrations: may take long.</summary>
    public string MigrationConnectionString { get; }

    private static readonly (string Key, string Value)[] Limits =
    [
        ("Timeout", "5"), // seconds to connect, and to wait for a connection of the pool: fifty connections that open at once on a busy machine need two or three
        ("Command Timeout", "8"),
        ("Cancellation Timeout", "1000"),
        ("Maximum Pool Size", "50"),
        ("Max Auto Prepare", "200"),
        ("Auto Prepare Min Usages", "3"),
        ("Keepalive", "30"),
        ("No Reset On Close", "true"), // nothing here changes a session's state, so there is nothing to undo
        ("Application Name", "taskflow-api"),
        // An instance that hangs in the middle of a transaction must not hold a workspace's row for long.
        ("Options", "-c idle_in_transaction_session_timeout=15000 -c lock_timeout=5000"),
    ];

    public static DatabaseSettings From(IConfiguration configuration, string connectionName) =>
        new(configuration.GetConnectionString(connectionName) is { Length: > 0 } text ? text : throw new InvalidOperationException(
            $"ConnectionStrings:{connectionName} is missing. The AppHost sets it; by hand: ConnectionStrings__{connectionName}=Host=…;Database=…"));

    private static string Apply(string connectionString, IEnumerable<(string Key, string Value)> defaults)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString);
        foreach (var (key, value) in defaults)
        {
            if (!builder.ShouldSerialize(key)) builder[key] = value;
        }
        return builder.ConnectionString;
    }
}
