using StackExchange.Redis;
using TaskFlow.Local.DaprSidecar.Resources;

namespace TaskFlow.Local.DaprSidecar.Broker;

/// <summary>One pub/sub component: publishes, and holds the connection that its consumers share.</summary>
internal sealed partial class RedisBroker(PubSubComponent component, ConnectionMultiplexer connection, string instance, ILogger<RedisBroker> logger) : IAsyncDisposable
{
    public PubSubComponent Component => component;

    public IDatabase Database { get; } = connection.GetDatabase();

    /// <summary>Who this process is among the consumers of a group. The same after a restart, so that it finds what it had taken.</summary>
    public string Instance => instance;

    /// <summary>Appends messages made by <see cref="BrokerMessage.Encode"/> to a topic, all or none, in their order.</summary>
    public async Task PublishAsync(string topic, IReadOnlyList<byte[]> messages)
    {
        var keys = RedisKeys.OfPublisher(topic);
        var values = new RedisValue[messages.Count + 2];
        values[0] = component.Settings.MaxLength;
        values[1] = keys.QueuePrefix;
        for (var i = 0; i < messages.Count; i++) values[i + 2] = messages[i];
        var dropped = (long)await Database.ScriptEvaluateAsync(RedisScripts.Publish, [keys.Groups, keys.Retained], values);
        if (dropped > 0) LogDropped(topic, component.Settings.MaxLength, dropped);
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    [LoggerMessage(LogLevel.Warning, "topic {Topic} is full (maxLenApprox {Limit}): {Dropped} of its oldest messages were dropped")]
    private partial void LogDropped(string topic, int limit, long dropped);
}
