using StackExchange.Redis;
using TaskFlow.Contracts;

namespace TaskFlow.Push.WorkspaceLogs;

/// <summary>What is published on Redis, and the channels of small things: presence, revoked sessions, frames for connections elsewhere. Events have a connection of their own.</summary>
internal sealed class RedisChannels(IConnectionMultiplexer redis, TimeProvider time, ILogger<RedisChannels> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private readonly ISubscriber _subscriber = redis.GetSubscriber();

    /// <summary>Taken to change who hears: the client library notes a handler, or drops it, within the call.</summary>
    private readonly Lock _gate = new();
    private readonly HashSet<WorkspaceLog> _heard = [];

    public bool IsConnected => redis.IsConnected;

    /// <summary>Subscribes for a log, unless that is done. Redis being away is no failure: the client library keeps the handler and subscribes when it is back.</summary>
    public async Task SubscribePresenceAsync(WorkspaceLog log)
    {
        try
        {
            Task subscribing;
            lock (_gate)
            {
                if (!_heard.Add(log)) return;
                subscribing = _subscriber.SubscribeAsync(RedisChannel.Literal(Topology.Channels.Presence(log.Id)), log.PresenceChanged);
            }
            await subscribing.WaitAsync(Patience, time);
        }
        catch (Exception error) when (error is RedisException or TimeoutException or ObjectDisposedException) { logger.SubscribeFailed(Topology.Channels.Presence(log.Id), error.Message); }
    }

    /// <summary>Ends the subscription of that log, not that of another one of the same workspace.</summary>
    public async Task UnsubscribePresenceAsync(WorkspaceLog log)
    {
        try
        {
            Task unsubscribing;
            lock (_gate)
            {
                if (!_heard.Remove(log)) return;
                unsubscribing = _subscriber.UnsubscribeAsync(RedisChannel.Literal(Topology.Channels.Presence(log.Id)), log.PresenceChanged, CommandFlags.FireAndForget);
            }
            await unsubscribing;
        }
        catch (Exception error) when (error is RedisException or TimeoutException or ObjectDisposedException) { logger.SubscribeFailed(Topology.Channels.Presence(log.Id), error.Message); }
    }

    /// <summary>Subscribes a channel of this process's own; the handler gets one message after the other, in their order, and must not wait.</summary>
    public async Task SubscribeAsync(string channel, Action<RedisValue> handler)
    {
        try
        {
            // Without an answer, since a queue that fails to get one is lost, and yet filled when Redis is back; the answer to a ping comes after it.
            _subscriber.Subscribe(RedisChannel.Literal(channel), CommandFlags.FireAndForget).OnMessage(message => handler(message.Message));
            await _subscriber.PingAsync().WaitAsync(Patience, time);
        }
        catch (Exception error) when (error is RedisException or TimeoutException) { logger.SubscribeFailed(channel, error.Message); }
    }

    /// <summary>How many received it; throws when Redis is away.</summary>
    public Task<long> PublishAsync(string channel, RedisValue message) => _subscriber.PublishAsync(RedisChannel.Literal(channel), message);
}

internal static partial class RedisChannelsLog
{
    [LoggerMessage(LogLevel.Warning, "Redis does not answer a subscription for {Channel}: {Reason}")]
    public static partial void SubscribeFailed(this ILogger<RedisChannels> logger, string channel, string reason);
}
