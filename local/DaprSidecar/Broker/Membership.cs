using StackExchange.Redis;

namespace TaskFlow.Local.DaprSidecar.Broker;

/// <summary>
/// Keeps group and consumer known to Redis, whatever happens to Redis, and watches over the other consumers of the group: what a dead one has taken is
/// given back. Runs beside the taking, so that a consumer busy with slow deliveries does not look dead.
/// </summary>
internal sealed partial class Membership
{
    private static readonly TimeSpan SignOfLife = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortestLife = TimeSpan.FromSeconds(3);

    private readonly RedisBroker _broker;
    private readonly RedisKeys _keys;
    private readonly string _topic;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _leaving = new();
    private readonly Task _running;

    public Membership(RedisBroker broker, RedisKeys keys, string topic, ILogger logger)
    {
        _broker = broker;
        _keys = keys;
        _topic = topic;
        _logger = logger;
        _running = Task.Run(RunAsync);
    }

    /// <summary>Gives back all that is still taken, so that others need not wait until we look dead.</summary>
    public async Task LeaveAsync()
    {
        await _leaving.CancelAsync();
        await _running;
        _leaving.Dispose();
        try
        {
            await _broker.Database.ScriptEvaluateAsync(RedisScripts.ReturnAll, [_keys.Taken, _keys.Queue]);
            await _broker.Database.SetRemoveAsync(_keys.Consumers, _broker.Instance);
            await _broker.Database.KeyDeleteAsync(_keys.Alive);
        }
        catch (Exception error) when (error is RedisException or TimeoutException)
        {
            LogFailed(_topic, RedisConnections.Reason(error));
        }
    }

    private async Task RunAsync()
    {
        var settings = _broker.Component.Settings;
        var isFailing = false;
        var nextReclaim = 0L;
        using var timer = new PeriodicTimer(SignOfLife);
        do
        {
            try
            {
                await RegisterAsync();
                if (settings.RedeliverInterval > TimeSpan.Zero && Environment.TickCount64 >= nextReclaim)
                {
                    await ReclaimAsync();
                    nextReclaim = Environment.TickCount64 + (long)settings.RedeliverInterval.TotalMilliseconds;
                }
                isFailing = false;
            }
            catch (Exception error) when (error is RedisException or TimeoutException)
            {
                if (!isFailing) LogFailed(_topic, RedisConnections.Reason(error));
                isFailing = true;
            }
        }
        while (await NextAsync(timer));
    }

    private async Task<bool> NextAsync(PeriodicTimer timer)
    {
        try
        {
            return await timer.WaitForNextTickAsync(_leaving.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private Task RegisterAsync()
    {
        var life = _broker.Component.Settings.RedeliverInterval is var interval && interval > ShortestLife ? interval : ShortestLife;
        return _broker.Database.ScriptEvaluateAsync(
            RedisScripts.Register,
            [_keys.Groups, _keys.Retained, _keys.Queue, _keys.Consumers, _keys.Alive],
            [_broker.Component.Settings.ConsumerGroup, _broker.Instance, (long)life.TotalMilliseconds]);
    }

    private async Task ReclaimAsync()
    {
        var count = (long)await _broker.Database.ScriptEvaluateAsync(
            RedisScripts.Reclaim, [_keys.Consumers, _keys.Queue], [_broker.Instance, _keys.AlivePrefix, _keys.TakenPrefix]);
        if (count > 0) LogReclaimed(_topic, count);
    }

    [LoggerMessage(LogLevel.Warning, "topic {Topic}: Redis does not answer, tried again every second: {Reason}")]
    private partial void LogFailed(string topic, string reason);

    [LoggerMessage(LogLevel.Information, "topic {Topic}: {Count} messages that a dead consumer had taken are delivered again")]
    private partial void LogReclaimed(string topic, long count);
}
