using System.Collections.Concurrent;
using StackExchange.Redis;

namespace TaskFlow.Local.DaprSidecar.Broker;

/// <summary>What has become of a message.</summary>
internal enum Outcome
{
    /// <summary>Delivered, dropped or in the dead-letter topic: it can go.</summary>
    Done,

    /// <summary>Not delivered through no fault of its own: back to the head of the queue.</summary>
    GiveBack,

    /// <summary>Failed for now: again after the redelivery interval.</summary>
    Later,
}

/// <summary>
/// Takes the messages of one topic for one group and hands them to a handler, several at a time. A message moves from the group's queue to this
/// consumer's own list and stays there until it is acknowledged, so that whoever dies in between loses nothing.
/// </summary>
internal sealed partial class TopicConsumer : IAsyncDisposable
{
    /// <summary>For a message to come, in one question to Redis. A sidecar that stops waits for the answer, since it may be a message yet.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan PauseAfterError = TimeSpan.FromMilliseconds(250);
    private const int LargestBatch = 32;

    private readonly RedisBroker _broker;
    private readonly RedisKeys _keys;
    private readonly string _topic;
    private readonly DeliverySlots _slots;
    private readonly DeliveryGate _gate;
    private readonly Func<BrokerMessage, CancellationToken, Task<Outcome>> _handler;
    private readonly ILogger _logger;
    private readonly Membership _membership;
    private readonly ConcurrentDictionary<string, Task> _inFlight = new();
    private readonly CancellationTokenSource _stopTaking = new();
    private readonly CancellationTokenSource _stopHandling = new();
    private readonly Task _taking;
    private long _nextCheck;

    public TopicConsumer(
        RedisBroker broker, string topic, DeliverySlots slots, DeliveryGate gate, Func<BrokerMessage, CancellationToken, Task<Outcome>> handler, ILogger logger)
    {
        _broker = broker;
        _topic = topic;
        _slots = slots;
        _gate = gate;
        _handler = handler;
        _logger = logger;
        _keys = new RedisKeys(topic, broker.Component.Settings.ConsumerGroup, broker.Instance);
        _membership = new Membership(broker, _keys, topic, logger);
        _taking = Task.Run(TakeAsync);
    }

    /// <summary>Stops taking, lets running deliveries end within the time, and gives back the rest.</summary>
    public async Task StopAsync(TimeSpan patience)
    {
        await _stopTaking.CancelAsync();
        await _taking;
        try
        {
            await Task.WhenAll(_inFlight.Values).WaitAsync(patience);
        }
        catch (TimeoutException)
        {
            await _stopHandling.CancelAsync();
            await Task.WhenAll(_inFlight.Values);
        }
        await _membership.LeaveAsync();
    }

    public ValueTask DisposeAsync()
    {
        _stopTaking.Dispose();
        _stopHandling.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task TakeAsync()
    {
        var stopping = _stopTaking.Token;
        var settings = _broker.Component.Settings;
        await using var connection = await RedisConnections.OpenForWaitingAsync(settings, LongestWait);
        var redis = connection.GetDatabase();
        var isFailing = false;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await _gate.WaitAsync(stopping);
                await _slots.WaitForOneAsync(stopping);
                if (Environment.TickCount64 >= _nextCheck) await GiveBackStrayAsync(redis);
                if (await TakeOneAsync(redis).WaitAsync(stopping) is { } first)
                {
                    isFailing = false;
                    await StartAsync(first);
                    await TakeWaitingAsync(redis, stopping);
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                break;
            }
            catch (Exception error) when (error is RedisException or TimeoutException or OperationCanceledException)
            {
                // What a broken connection was about to bring may already lie in our list.
                _nextCheck = 0;
                if (!isFailing) LogTakingFailed(_topic, RedisConnections.Reason(error));
                isFailing = true;
                await Task.Delay(PauseAfterError, CancellationToken.None);
            }
        }
    }

    private async Task<byte[]?> TakeOneAsync(IDatabase redis)
    {
        var result = await redis.ExecuteAsync("BLMOVE", _keys.Queue, _keys.Taken, "LEFT", "RIGHT", (int)LongestWait.TotalSeconds);
        return result.IsNull ? null : (byte[]?)result;
    }

    /// <summary>Takes what else is waiting, in growing batches: one round trip for many messages when there are many, one empty one when there are none.</summary>
    private async Task TakeWaitingAsync(IDatabase redis, CancellationToken stopping)
    {
        for (var batch = 1; _gate.IsOpen && !stopping.IsCancellationRequested; batch = Math.Min(batch * 2, LargestBatch))
        {
            var count = Math.Min(batch, _slots.Free);
            if (count == 0) return;
            var moves = new Task<RedisValue>[count];
            for (var i = 0; i < count; i++) moves[i] = redis.ListMoveAsync(_keys.Queue, _keys.Taken, ListSide.Left, ListSide.Right);
            var isEmpty = false;
            // All of them: behind an empty answer another message may have come just in time.
            foreach (var move in moves)
            {
                if (await move is { IsNull: false } element) await StartAsync((byte[])element!);
                else isEmpty = true;
            }
            if (isEmpty) return;
        }
    }

    private async Task StartAsync(byte[] element)
    {
        if (BrokerMessage.TryDecode(element) is not { } message)
        {
            LogForeign(_topic, element.Length);
            await _broker.Database.ListRemoveAsync(_keys.Taken, element, 1);
            return;
        }
        if (!_gate.IsOpen)
        {
            await GiveBackAsync(message);
            return;
        }
        await _slots.TakeAsync(_stopHandling.Token);
        var handling = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _inFlight[message.Id] = handling.Task;
        _ = HandleAsync(message, handling);
    }

    private async Task HandleAsync(BrokerMessage message, TaskCompletionSource handling)
    {
        var outcome = Outcome.GiveBack;
        try
        {
            outcome = await _handler(message, _stopHandling.Token);
        }
        catch (Exception error)
        {
            if (error is not OperationCanceledException)
            {
                LogHandlerFailed(error, _topic, message.Id);
                // It would fail again at once, and hold up everything behind it.
                outcome = Outcome.Later;
            }
        }
        finally
        {
            _slots.Release();
        }
        try
        {
            await SettleAsync(message, outcome);
        }
        catch (Exception error) when (error is RedisException or TimeoutException or OperationCanceledException)
        {
            // It stays in our list: given back by the next check, or after the next start.
            LogSettlingFailed(_topic, RedisConnections.Reason(error));
            _nextCheck = 0;
        }
        finally
        {
            _inFlight.TryRemove(message.Id, out _);
            handling.SetResult();
        }
    }

    private async Task SettleAsync(BrokerMessage message, Outcome outcome)
    {
        switch (outcome)
        {
            case Outcome.Later when _broker.Component.Settings.RedeliverInterval is { Ticks: > 0 } interval:
                await Task.Delay(interval, _stopTaking.Token).ContinueWith(_ => { }, TaskScheduler.Default);
                await GiveBackAsync(message);
                break;
            case Outcome.GiveBack:
                await GiveBackAsync(message);
                break;
            default:
                // Done, or failed where redelivery is switched off.
                await AcknowledgeAsync(message);
                break;
        }
    }

    /// <summary>Tries until it is so: a delivered message should not be delivered again only because Redis was away for a moment.</summary>
    private async Task AcknowledgeAsync(BrokerMessage message)
    {
        while (true)
        {
            try
            {
                await _broker.Database.ListRemoveAsync(_keys.Taken, message.Element, 1);
                return;
            }
            catch (Exception error) when (error is RedisException or TimeoutException && !_stopTaking.IsCancellationRequested)
            {
                await Task.Delay(PauseAfterError, CancellationToken.None);
            }
        }
    }

    private Task GiveBackAsync(BrokerMessage message) => _broker.Database.ScriptEvaluateAsync(RedisScripts.Return, [_keys.Taken, _keys.Queue], [message.Element]);

    /// <summary>
    /// Gives back what lies in our list but is not being handled: taken before a crash, or by a reply that a broken connection swallowed. Runs on the taking
    /// connection, between two takes, so that nothing can be on its way.
    /// </summary>
    private async Task GiveBackStrayAsync(IDatabase redis)
    {
        var interval = _broker.Component.Settings.RedeliverInterval;
        foreach (var element in await redis.ListRangeAsync(_keys.Taken))
        {
            if (BrokerMessage.TryDecode((byte[])element!) is { } message && !_inFlight.ContainsKey(message.Id))
            {
                await redis.ScriptEvaluateAsync(RedisScripts.Return, [_keys.Taken, _keys.Queue], [element]);
            }
        }
        _nextCheck = Environment.TickCount64 + (interval > TimeSpan.Zero ? (long)interval.TotalMilliseconds : 60_000);
    }

    [LoggerMessage(LogLevel.Warning, "topic {Topic}: taking messages failed and is tried again: {Reason}")]
    private partial void LogTakingFailed(string topic, string reason);

    [LoggerMessage(LogLevel.Error, "topic {Topic}: dropped an element of {Length} bytes that is not a message of this program")]
    private partial void LogForeign(string topic, int length);

    [LoggerMessage(LogLevel.Error, "topic {Topic}: handling message {Id} failed")]
    private partial void LogHandlerFailed(Exception error, string topic, string id);

    [LoggerMessage(LogLevel.Warning, "topic {Topic}: a message could not be settled and will be delivered again: {Reason}")]
    private partial void LogSettlingFailed(string topic, string reason);
}
