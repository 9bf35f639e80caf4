using StackExchange.Redis;
using TaskFlow.Local.DaprSidecar.Resources;
using TaskFlow.Local.DaprSidecar.Startup;

namespace TaskFlow.Local.DaprSidecar.Broker;

/// <summary>Opens connections to a component's Redis.</summary>
internal static class RedisConnections
{
    // Channels are not used, so no second connection is opened for them.
    private static readonly CommandMap WithoutChannels = CommandMap.Create(["SUBSCRIBE", "UNSUBSCRIBE", "PSUBSCRIBE", "PUNSUBSCRIBE", "PUBLISH"], available: false);

    /// <summary>A connection for commands that answer at once. Ends the start when Redis is not there, as daprd does.</summary>
    public static async Task<ConnectionMultiplexer> OpenAsync(PubSubComponent component)
    {
        try
        {
            return await ConnectionMultiplexer.ConnectAsync(Options(component.Settings, component.Settings.CommandTimeout, abortOnFailure: true));
        }
        catch (RedisConnectionException error)
        {
            throw new SidecarException($"component {component.Name}: no connection to Redis at {component.Settings.Host}: {Refusal(error)}");
        }
    }

    /// <summary>A connection for a command that waits for up to <paramref name="longestWait"/>; it would hold up all others on its connection.</summary>
    public static Task<ConnectionMultiplexer> OpenForWaitingAsync(RedisSettings settings, TimeSpan longestWait) =>
        ConnectionMultiplexer.ConnectAsync(Options(settings, longestWait + settings.CommandTimeout, abortOnFailure: false));

    private static ConfigurationOptions Options(RedisSettings settings, TimeSpan timeout, bool abortOnFailure)
    {
        var options = new ConfigurationOptions
        {
            EndPoints = { settings.Host },
            User = settings.Username,
            Password = settings.Password,
            DefaultDatabase = settings.Database,
            Ssl = settings.UseTls,
            AbortOnConnectFail = abortOnFailure,
            ConnectTimeout = (int)settings.DialTimeout.TotalMilliseconds,
            // A machine that starts everything at once may be slow to answer; a refused connection is refused at once, each time.
            ConnectRetry = abortOnFailure ? 3 : 1,
            AsyncTimeout = (int)timeout.TotalMilliseconds,
            // A publisher is told at once that Redis is away; it knows what to do about that.
            BacklogPolicy = BacklogPolicy.FailFast,
            ReconnectRetryPolicy = new LinearRetry(500),
            HeartbeatInterval = TimeSpan.FromMilliseconds(500),
            CommandMap = WithoutChannels,
            ClientName = "taskflow-dapr-sidecar",
        };
        if (settings.SkipTlsVerification) options.CertificateValidation += (_, _, _, _) => true;
        return options;
    }

    private static string Refusal(RedisConnectionException error) => error.FailureType switch
    {
        ConnectionFailureType.AuthenticationFailure => "it refused the password",
        _ when error.Message.Contains("AuthenticationFailure", StringComparison.Ordinal) => "it refused the password",
        _ => "nobody answers there",
    };

    /// <summary>The first sentence: what follows are the client library's own statistics.</summary>
    public static string Reason(Exception error) => error.InnerException is RedisException inner ? Reason(inner) : error.Message.Split(" (", 2)[0].Split("; ", 2)[0];
}
