using System.Collections.Frozen;

namespace TaskFlow.Local.DaprSidecar.Resources;

/// <summary>The settings of a <c>pubsub.redis</c> component that mean something here, with daprd's defaults.</summary>
internal sealed record RedisSettings
{
    public const string Type = "pubsub.redis";

    // Everything daprd knows, so that a file written for it is accepted and a misspelt name is not.
    private static readonly FrozenSet<string> Known = FrozenSet.ToFrozenSet(
    [
        "redisHost", "redisPort", "redisUsername", "redisPassword", "redisDB", "redisType", "consumerID", "enableTLS", "insecureSkipTLSVerify", "clientCert",
        "clientKey", "redeliverInterval", "processingTimeout", "queueDepth", "concurrency", "maxLenApprox", "streamTTL", "redisMaxRetries",
        "redisMinRetryInterval", "redisMaxRetryInterval", "dialTimeout", "readTimeout", "writeTimeout", "poolSize", "poolTimeout", "maxConnAge",
        "minIdleConns", "idleTimeout", "idleCheckFrequency", "failover", "sentinelMasterName", "sentinelUsername", "sentinelPassword", "useEntraID",
        TopicScopes.Publishing, TopicScopes.Subscription, TopicScopes.Allowed, TopicScopes.Protected,
    ], StringComparer.OrdinalIgnoreCase);

    private static readonly string[] Unsupported = ["failover", "useEntraID", "streamTTL", "clientCert", "clientKey"];

    public required string Host { get; init; }
    public string? Username { get; init; }
    public string? Password { get; init; }
    public int Database { get; init; }
    public bool UseTls { get; init; }
    public bool SkipTlsVerification { get; init; }
    public TimeSpan DialTimeout { get; init; }
    public TimeSpan CommandTimeout { get; init; }
    public required string ConsumerGroup { get; init; }

    /// <summary>How often messages of consumers that died are looked for, and how long one may be silent until it counts as dead; zero: never.</summary>
    public TimeSpan RedeliverInterval { get; init; }

    /// <summary>How long one call of the app may take; zero: as long as it likes.</summary>
    public TimeSpan ProcessingTimeout { get; init; }

    public int Concurrency { get; init; }

    /// <summary>How many undelivered messages a group keeps, oldest dropped first; zero: all.</summary>
    public int MaxLength { get; init; }

    public static RedisSettings Read(ComponentMetadata metadata, string appId)
    {
        metadata.Only(Known);
        foreach (var name in Unsupported)
        {
            if (metadata.OptionalText(name) is not (null or "false" or "0")) throw metadata.Error(name, "needs daprd; the built-in sidecar cannot do it");
        }
        if (metadata.OptionalText("redisType") is not (null or "node")) throw metadata.Error("redisType", "must be node: clusters need daprd");
        return new RedisSettings
        {
            Host = HostAndPort(metadata),
            Username = metadata.OptionalText("redisUsername"),
            Password = metadata.OptionalText("redisPassword"),
            Database = metadata.Number("redisDB", 0, 0),
            UseTls = metadata.Switch("enableTLS"),
            SkipTlsVerification = metadata.Switch("insecureSkipTLSVerify"),
            DialTimeout = metadata.Duration("dialTimeout", TimeSpan.FromSeconds(5)),
            CommandTimeout = metadata.Duration("readTimeout", TimeSpan.FromSeconds(3)),
            ConsumerGroup = metadata.OptionalText("consumerID") ?? appId,
            // daprd silently ignores a duration here, so that a file which has one does not do what it says.
            RedeliverInterval = TimeSpan.FromMilliseconds(metadata.Number("redeliverInterval", 60_000, 0)),
            ProcessingTimeout = metadata.Duration("processingTimeout", TimeSpan.FromSeconds(15)),
            Concurrency = metadata.Number("concurrency", 10, 1),
            MaxLength = metadata.Number("maxLenApprox", 0, 0),
        };
    }

    private static string HostAndPort(ComponentMetadata metadata)
    {
        var host = metadata.Text("redisHost");
        if (host.Contains(',') || host.Contains("://", StringComparison.Ordinal)) throw metadata.Error("redisHost", "must be one host:port, neither a list nor a URL");
        var port = metadata.Number("redisPort", 0, 0);
        return host.LastIndexOf(':') > host.LastIndexOf(']') ? host : $"{host}:{(port == 0 ? 6379 : port)}";
    }
}
