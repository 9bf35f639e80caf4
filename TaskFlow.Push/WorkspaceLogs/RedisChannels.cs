using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Threading.Channels;
using StackExchange.Redis;
using TaskFlow.Contracts;
using TaskFlow.Push.Telemetry;

namespace TaskFlow.Push.WorkspaceLogs;

/// <summary>
/// The Redis channels of the workspaces with clients here. Redis may go and come, and a subscription may silently go missing: the beacon
/// finds what was not heard, and then the channel is subscribed again.
/// </summary>
internal sealed class RedisChannels(IConnectionMultiplexer redis, PushTelemetry telemetry, TimeProvider time, ILogger<RedisChannels> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ResubscribePause = TimeSpan.FromSeconds(5);
    private const int MaxTogether = 256;
    private readonly ConcurrentDictionary<Guid, long> _resubscribedAt = new();
    private readonly ISubscriber _subscriber = redis.GetSubscriber();

    public bool IsConnected => redis.IsConnected;

    /// <summary>Subscribes for a log. Redis being away is no failure: the client library subscribes when it is back, the beacon bridges the time.</summary>
    public async Task SubscribeAsync(WorkspaceLog log)
    {
        try
        {
            // Not waited for, so that the queue is here while Redis is away too; the second one is answered behind it, on the same connection.
            _ = ReadAsync(log, await _subscriber.SubscribeAsync(RedisChannel.Literal(Topology.Channels.Events(log.Id)), CommandFlags.FireAndForget));
            await _subscriber.SubscribeAsync(RedisChannel.Literal(Topology.Channels.Presence(log.Id)), (_, value) => log.PresenceChanged(value)).WaitAsync(Patience, time);
        }
        catch (Exception error) when (error is RedisException or TimeoutException or ObjectDisposedException) { logger.SubscribeFailed(log.Id, error.Message); }
    }

    public async Task UnsubscribeAsync(Guid workspace)
    {
        _resubscribedAt.TryRemove(workspace, out _);
        try
        {
            await _subscriber.UnsubscribeAsync(RedisChannel.Literal(Topology.Channels.Events(workspace)), flags: CommandFlags.FireAndForget);
            await _subscriber.UnsubscribeAsync(RedisChannel.Literal(Topology.Channels.Presence(workspace)), flags: CommandFlags.FireAndForget);
        }
        catch (Exception error) when (error is RedisException or TimeoutException or ObjectDisposedException) { logger.SubscribeFailed(workspace, error.Message); }
    }

    /// <summary>Subscribes a channel of this process's own; the handler must not throw.</summary>
    public async Task SubscribeAsync(string channel, Action<RedisValue> handler)
    {
        try { await _subscriber.SubscribeAsync(RedisChannel.Literal(channel), (_, value) => handler(value)).WaitAsync(Patience, time); }
        catch (Exception error) when (error is RedisException or TimeoutException) { logger.SubscribeFailed(Guid.Empty, error.Message); }
    }

    /// <summary>How many received it; throws when Redis is away.</summary>
    public Task<long> PublishAsync(string channel, RedisValue message) => _subscriber.PublishAsync(RedisChannel.Literal(channel), message);

    /// <summary>An event had to be fetched although Redis is here: perhaps the subscription went silent. Makes it again, not more often than every few seconds.</summary>
    public void NoteRepair(WorkspaceLog log, string reason)
    {
        if (reason != "beacon" || !redis.IsConnected) return;
        var now = time.GetTimestamp();
        var last = _resubscribedAt.GetOrAdd(log.Id, 0);
        if ((last != 0 && time.GetElapsedTime(last, now) < ResubscribePause) || !_resubscribedAt.TryUpdate(log.Id, now, last)) return;
        telemetry.Resubscribed();
        _ = ResubscribeAsync(log);
    }

    private async Task ResubscribeAsync(WorkspaceLog log)
    {
        await UnsubscribeAsync(log.Id);
        await SubscribeAsync(log);
    }

    /// <summary>Reads until the channel is unsubscribed. What has come while the connections were served is applied together, and sent together.</summary>
    private async Task ReadAsync(WorkspaceLog log, ChannelMessageQueue queue)
    {
        var events = new List<LogEvent>();
        try
        {
            while (true)
            {
                var message = await queue.ReadAsync();
                do
                {
                    if (Read(log, message.Message) is { } read) events.Add(read);
                }
                while (events.Count < MaxTogether && queue.TryRead(out message));
                try { if (events.Count > 0) log.Offer(CollectionsMarshal.AsSpan(events)); }
                catch (Exception error) { logger.NotApplied(log.Id, error); } // One defect must not silence the channel.
                events.Clear();
            }
        }
        catch (ChannelClosedException) { }
    }

    /// <summary>The event that a message is; null when there is no use for it.</summary>
    private LogEvent? Read(WorkspaceLog log, RedisValue value)
    {
        var message = ((ReadOnlyMemory<byte>)value).Span;
        // What this instance published itself comes back to it.
        if (LogEvent.TryPeekSeq(message, out var seq) && log.Knows(seq))
        {
            telemetry.Duplicate();
            return null;
        }
        try
        {
            var read = LogEvent.Parse(message);
            return read.WorkspaceId == log.Id ? read : null;
        }
        catch (Exception error) when (error is JsonException or FormatException or InvalidOperationException) { logger.BadMessage(log.Id, error.Message); }
        return null;
    }
}

internal static partial class RedisChannelsLog
{
    [LoggerMessage(LogLevel.Warning, "Redis does not answer a subscription for workspace {Workspace}: {Reason}. Events come through the beacon meanwhile")]
    public static partial void SubscribeFailed(this ILogger<RedisChannels> logger, Guid workspace, string reason);

    [LoggerMessage(LogLevel.Error, "Events on the channel of workspace {Workspace} could not be applied")]
    public static partial void NotApplied(this ILogger<RedisChannels> logger, Guid workspace, Exception error);

    [LoggerMessage(LogLevel.Warning, "A message on the channel of workspace {Workspace} is no event: {Reason}")]
    public static partial void BadMessage(this ILogger<RedisChannels> logger, Guid workspace, string reason);
}
