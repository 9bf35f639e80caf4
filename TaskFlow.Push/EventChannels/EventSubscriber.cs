using System.Collections.Concurrent;
using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json;
using StackExchange.Redis;
using TaskFlow.Contracts;
using TaskFlow.Push.Connections;
using TaskFlow.Push.Telemetry;
using TaskFlow.Push.WorkspaceLogs;

namespace TaskFlow.Push.EventChannels;

/// <summary>
/// The channels that bring the events of the workspaces with clients here, on a connection and a thread of their own: the thread that Redis' message wakes
/// reads it, applies it and sends it to the first clients itself (docs/adr/0036-a-thread-that-waits-for-events.md). Redis may go and come, and a subscription may
/// silently go missing: the beacon finds what was not heard, and then the channel is subscribed again.
/// </summary>
internal sealed class EventSubscriber(IConnectionMultiplexer redis, PushTelemetry telemetry, TimeProvider time, ILogger<EventSubscriber> logger) : IHostedService, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ResubscribePause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);
    private const int MaxTogether = 256;

    /// <summary>Taken to change what is subscribed, and to send: so Redis is told in the order in which it was decided.</summary>
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<Guid, Subscription> _subscriptions = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<LogEvent> _events = [];
    private SubscriberConnection? _connection;
    private WorkspaceLog? _log;
    private int _room;
    private Thread? _thread;
    private ITimer? _pings;
    private bool _isAway;
    private long _receivedBefore;
    private bool _pinged;

    public bool IsConnected => Volatile.Read(ref _connection) is not null;

    /// <summary>Subscribes for a log, and waits a moment for Redis to confirm it. Redis being away is no failure: it is made up for when it is back, and the beacon bridges the time.</summary>
    public async Task SubscribeAsync(WorkspaceLog log)
    {
        var subscription = new Subscription(log);
        try
        {
            lock (_gate)
            {
                _subscriptions[log.Id] = subscription;
                if (_isAway) throw new IOException("it is away");
                TrySend("SUBSCRIBE", log.Id); // All are, as soon as there is a connection.
            }
            await subscription.Confirmed.Task.WaitAsync(Patience, time);
        }
        catch (Exception error) when (error is IOException or TimeoutException) { logger.SubscribeFailed(log.Id, error.Message); }
    }

    /// <summary>Ends the subscription of that log, unless another one of the same workspace has taken its place.</summary>
    public void Unsubscribe(WorkspaceLog log)
    {
        lock (_gate)
        {
            if (_subscriptions.TryGetValue(log.Id, out var found) && found.Log == log && _subscriptions.TryRemove(log.Id, out _)) TrySend("UNSUBSCRIBE", log.Id);
        }
    }

    /// <summary>An event had to be fetched although Redis is here: perhaps the subscription went silent. Makes it again, not more often than every few seconds.</summary>
    public void NoteRepair(WorkspaceLog log)
    {
        lock (_gate)
        {
            if (_connection is null || !_subscriptions.TryGetValue(log.Id, out var subscription)) return;
            var now = time.GetTimestamp();
            if (subscription.RepairedAt is { } last && time.GetElapsedTime(last, now) < ResubscribePause) return;
            subscription.RepairedAt = now;
            telemetry.Resubscribed();
            TrySend("UNSUBSCRIBE", log.Id);
            TrySend("SUBSCRIBE", log.Id);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var options = ConfigurationOptions.Parse(redis.Configuration);
        _thread = new Thread(() => Run(options)) { IsBackground = true, Name = "redis events" };
        _thread.Start();
        _pings = time.CreateTimer(static state => ((EventSubscriber)state!).Ping(), this, PingInterval, PingInterval);
        return Task.CompletedTask;
    }

    /// <summary>Comes after the drain: until then clients are sent what happens.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        _pings?.Dispose();
        _stopping.Cancel(); // Which ends the wait for Redis, too.
        return _thread is null ? Task.CompletedTask : _ended.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Nobody stops a host of which another part could not start; the thread ends then, too.</summary>
    public void Dispose()
    {
        _pings?.Dispose();
        if (Interlocked.Exchange(ref _thread, null) is { } thread)
        {
            _stopping.Cancel();
            thread.Join();
        }
        _stopping.Dispose();
    }

    private void Run(ConfigurationOptions options)
    {
        var stopping = _stopping.Token;
        var failures = 0;
        for (var attempt = 0; !stopping.IsCancellationRequested; attempt++)
        {
            var reason = "Redis closed the connection";
            var started = time.GetTimestamp();
            try
            {
                using var connection = SubscriberConnection.Open(EndPointOf(options, attempt), options, stopping);
                logger.Connected();
                Serve(connection);
            }
            catch (Exception error) { reason = error.Message; } // Whatever it is, there is nobody but this thread to try again.
            if (time.GetElapsedTime(started) > PingInterval) failures = 0;
            if (failures++ == 0 && !stopping.IsCancellationRequested) logger.Lost(reason);
            Disconnected();
            var pause = ShortestPause * failures;
            stopping.WaitHandle.WaitOne(pause < LongestPause ? pause : LongestPause);
        }
        _ended.SetResult();
    }

    private static EndPoint EndPointOf(ConfigurationOptions options, int attempt)
    {
        var port = options.Ssl ? 6380 : 6379;
        return options.EndPoints[attempt % options.EndPoints.Count] switch
        {
            DnsEndPoint { Port: 0 } name => new DnsEndPoint(name.Host, port),
            IPEndPoint { Port: 0 } address => new IPEndPoint(address.Address, port),
            var endpoint => endpoint,
        };
    }

    private void Serve(SubscriberConnection connection)
    {
        lock (_gate)
        {
            (_connection, _isAway, _receivedBefore, _pinged) = (connection, false, 0, false);
        }
        // Not from this thread: Redis may want its answers read before it takes more.
        ThreadPool.UnsafeQueueUserWorkItem(SubscribeAll, connection, preferLocal: false);
        while (connection.Receive())
        {
            _room = ConnectionSet.ShardSize;
            while (connection.TryRead(out var reply)) Take(reply);
            Apply(isLast: true);
        }
    }

    private void SubscribeAll(SubscriberConnection connection)
    {
        foreach (var workspace in _subscriptions.Keys)
        {
            lock (_gate)
            {
                if (_connection != connection) return;
                if (_subscriptions.ContainsKey(workspace)) TrySend("SUBSCRIBE", workspace);
            }
        }
    }

    private void Disconnected()
    {
        lock (_gate) (_connection, _isAway) = (null, true);
        _events.Clear();
        _log = null;
    }

    private void Take(SubscriberReply reply)
    {
        if (reply.Kind == ReplyKind.Error) throw new InvalidDataException($"Redis says {System.Text.Encoding.UTF8.GetString(reply.Text)}");
        if (reply.Kind is not (ReplyKind.Message or ReplyKind.Subscribed) || !Topology.Channels.TryReadEvents(reply.Text, out var workspace)) return;
        if (!_subscriptions.TryGetValue(workspace, out var subscription)) return;
        if (reply.Kind == ReplyKind.Subscribed)
        {
            subscription.Confirmed.TrySetResult();
            return;
        }
        if (Read(subscription.Log, reply.Payload) is not { } read) return;
        if (_log != subscription.Log || _events.Count == MaxTogether) Apply(isLast: false);
        _log = subscription.Log;
        _events.Add(read);
    }

    /// <summary>
    /// What has come in together for one workspace is applied together, and sent together: by this thread as long as that takes but a moment, since more comes in
    /// meanwhile, and by the pool beyond that.
    /// </summary>
    private void Apply(bool isLast)
    {
        if (_events.Count == 0) return;
        var connections = _log!.Connections.Count;
        var here = isLast || connections <= _room;
        if (here) _room -= connections;
        try { _log.Offer(CollectionsMarshal.AsSpan(_events), here); }
        catch (Exception error) { logger.NotApplied(_log.Id, error); } // One defect must not silence all channels.
        _events.Clear();
    }

    /// <summary>The event that a message is; null when there is no use for it.</summary>
    private LogEvent? Read(WorkspaceLog log, ReadOnlySpan<byte> message)
    {
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

    /// <summary>A connection that says nothing for a while is asked, and given up when it does not answer.</summary>
    private void Ping()
    {
        lock (_gate)
        {
            if (_connection is not { } connection) return;
            var received = connection.Received;
            if (received != _receivedBefore) _pinged = false;
            else if (_pinged) connection.Dispose();
            else
            {
                _pinged = true;
                TrySend(connection, "PING");
            }
            _receivedBefore = received;
        }
    }

    private void TrySend(string command, Guid workspace)
    {
        if (_connection is { } connection) TrySend(connection, command, Topology.Channels.Events(workspace));
    }

    /// <summary>A connection that cannot be sent to is at its end; the reading thread makes another one.</summary>
    private static void TrySend(SubscriberConnection connection, params ReadOnlySpan<string> words)
    {
        try { connection.Send(words); }
        catch (IOException) { connection.Dispose(); }
    }

    private sealed class Subscription(WorkspaceLog log)
    {
        public WorkspaceLog Log => log;
        public TaskCompletionSource Confirmed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public long? RepairedAt { get; set; }
    }
}

internal static partial class EventSubscriberLog
{
    [LoggerMessage(LogLevel.Information, "Connected to Redis for events")]
    public static partial void Connected(this ILogger<EventSubscriber> logger);

    [LoggerMessage(LogLevel.Warning, "No events from Redis: {Reason}. They come through the beacon meanwhile")]
    public static partial void Lost(this ILogger<EventSubscriber> logger, string reason);

    [LoggerMessage(LogLevel.Warning, "Redis does not answer a subscription for workspace {Workspace}: {Reason}. Events come through the beacon meanwhile")]
    public static partial void SubscribeFailed(this ILogger<EventSubscriber> logger, Guid workspace, string reason);

    [LoggerMessage(LogLevel.Error, "Events on the channel of workspace {Workspace} could not be applied")]
    public static partial void NotApplied(this ILogger<EventSubscriber> logger, Guid workspace, Exception error);

    [LoggerMessage(LogLevel.Warning, "A message on the channel of workspace {Workspace} is no event: {Reason}")]
    public static partial void BadMessage(this ILogger<EventSubscriber> logger, Guid workspace, string reason);
}
