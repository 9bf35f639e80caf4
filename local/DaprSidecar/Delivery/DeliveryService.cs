using TaskFlow.Local.DaprSidecar.Broker;
using TaskFlow.Local.DaprSidecar.Resources;
using TaskFlow.Local.DaprSidecar.Startup;

namespace TaskFlow.Local.DaprSidecar.Delivery;

/// <summary>Keeps a consumer for every topic the app wants: as its files say, and as the app says each time it comes (back).</summary>
internal sealed partial class DeliveryService(
    SidecarOptions options, SidecarResources resources, RedisBrokers brokers, DeliveryGate gate, AppMonitor monitor, SubscriptionReader reader, Deliverer deliverer,
    ILogger<DeliveryService> logger)
{
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    private readonly Dictionary<(string PubSub, string Topic), Subscribed> _subscribed = [];
    private readonly Dictionary<string, DeliverySlots> _slots = [];
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    /// <summary>The subscriptions in force, for the metadata API.</summary>
    public IReadOnlyList<TopicSubscription> Subscriptions { get; private set; } = [];

    /// <summary>Ready to publish and, where there is an app, to deliver.</summary>
    public bool IsReady => options.AppPort is null || monitor.HasSeenApp;

    public void Start()
    {
        if (options.AppPort is not null) _running = Task.Run(() => RunAsync(_stopping.Token));
    }

    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        await Task.WhenAll(_subscribed.Values.Select(subscribed => subscribed.Consumer.StopAsync(options.GracefulShutdown)));
        foreach (var subscribed in _subscribed.Values) await subscribed.Consumer.DisposeAsync();
        foreach (var slots in _slots.Values) slots.Dispose();
        _stopping.Dispose();
    }

    private async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await monitor.RunAsync(SubscribeAsync, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                // Shutting down.
            }
            catch (Exception error)
            {
                // Without the watch nothing would ever be delivered again, and nobody would know why.
                LogWatchFailed(error);
                await Task.Delay(AfterFailure, stopping).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        }
    }

    private async Task<bool> SubscribeAsync(CancellationToken cancellationToken)
    {
        if (await reader.ReadAsync(cancellationToken) is not { } wanted) return false;
        var allowed = new Dictionary<(string, string), TopicSubscription>();
        foreach (var subscription in resources.Subscriptions.Concat(wanted))
        {
            if (brokers.Find(subscription.PubSub) is not { } broker) LogUnknown(subscription.Topic, subscription.PubSub);
            else if (!broker.Component.Scopes.MaySubscribe(subscription.Topic)) LogForbidden(subscription.Topic, subscription.PubSub);
            // What a file declares beats what the app says of the same topic.
            else allowed.TryAdd((subscription.PubSub, subscription.Topic), subscription);
        }
        foreach (var gone in _subscribed.Keys.Except(allowed.Keys).ToList())
        {
            _subscribed.Remove(gone, out var subscribed);
            await subscribed!.Consumer.StopAsync(options.GracefulShutdown);
            await subscribed.Consumer.DisposeAsync();
        }
        foreach (var (key, subscription) in allowed)
        {
            if (_subscribed.TryGetValue(key, out var known)) known.Subscription = subscription;
            else _subscribed[key] = Subscribe(subscription);
        }
        Subscriptions = [.. allowed.Values];
        return true;
    }

    private Subscribed Subscribe(TopicSubscription subscription)
    {
        var broker = brokers.Find(subscription.PubSub)!;
        if (!_slots.TryGetValue(subscription.PubSub, out var slots))
        {
            var concurrency = broker.Component.Settings.Concurrency;
            _slots[subscription.PubSub] = slots = new DeliverySlots(options.AppMaxConcurrency > 0 ? Math.Min(concurrency, options.AppMaxConcurrency) : concurrency);
        }
        var subscribed = new Subscribed { Subscription = subscription };
        var policy = resources.Resiliency.Inbound(subscription.PubSub);
        subscribed.Consumer = new TopicConsumer(broker, subscription.Topic, slots, gate,
            (message, cancellationToken) => deliverer.DeliverAsync(subscribed.Subscription, broker, policy, message, cancellationToken), logger);
        LogSubscribed(subscription.Topic, subscription.PubSub, broker.Component.Settings.ConsumerGroup);
        return subscribed;
    }

    [LoggerMessage(LogLevel.Information, "subscribed to topic {Topic} of {PubSub} as {Group}")]
    private partial void LogSubscribed(string topic, string pubSub, string group);

    [LoggerMessage(LogLevel.Error, "subscription to topic {Topic}: there is no pub/sub component {PubSub} for this app")]
    private partial void LogUnknown(string topic, string pubSub);

    [LoggerMessage(LogLevel.Error, "subscription to topic {Topic} on pubsub {PubSub} is not allowed: see the component's subscriptionScopes, allowedTopics and protectedTopics")]
    private partial void LogForbidden(string topic, string pubSub);

    [LoggerMessage(LogLevel.Error, "watching over the app failed and begins again")]
    private partial void LogWatchFailed(Exception error);

    private sealed class Subscribed
    {
        public required TopicSubscription Subscription { get; set; }

        public TopicConsumer Consumer { get; set; } = null!;
    }
}
