using StackExchange.Redis;
using TaskFlow.Local.DaprSidecar.Broker;
using TaskFlow.Local.DaprSidecar.Resiliency;
using TaskFlow.Local.DaprSidecar.Resources;
using TaskFlow.Local.DaprSidecar.Startup;
using TaskFlow.Local.DaprSidecar.Telemetry;

namespace TaskFlow.Local.DaprSidecar.Publishing;

/// <summary>One message of a publish call.</summary>
internal readonly record struct OutgoingMessage(string ContentType, ReadOnlyMemory<byte> Data, IReadOnlyDictionary<string, string> Metadata);

/// <summary>Publishes for the app: what both APIs have in common.</summary>
internal sealed class Publisher(SidecarOptions options, SidecarResources resources, RedisBrokers brokers)
{
    /// <summary>Refuses a component that is not there and a topic without a name.</summary>
    public void Check(string pubSub, string topic) => Find(pubSub, topic);

    /// <summary>Publishes all or nothing, in their order.</summary>
    public async Task PublishAsync(
        string pubSub, string topic, IReadOnlyList<OutgoingMessage> messages, IReadOnlyDictionary<string, string> metadata, TraceHeaders trace, CancellationToken cancellationToken)
    {
        var broker = Find(pubSub, topic);
        var isRaw = IsRaw(pubSub, metadata);
        if (messages.Count == 0) return;
        var spans = new PublishSpan[messages.Count];
        var elements = new byte[messages.Count][];
        string? failure = null;
        try
        {
            for (var i = 0; i < elements.Length; i++)
            {
                spans[i] = Tracing.StartPublish(topic, trace);
                elements[i] = Encode(pubSub, topic, messages[i], isRaw, spans[i]);
            }
            await SendAsync(broker, topic, elements, cancellationToken);
        }
        catch (PublishException error)
        {
            failure = error.Message;
            throw;
        }
        finally
        {
            foreach (var span in spans) span.End(failure);
        }
    }

    /// <summary>Passes a message on as it is: to a dead-letter topic, which the app's scopes must allow like any other.</summary>
    public Task ForwardAsync(RedisBroker broker, string topic, BrokerMessage message) =>
        SendAsync(broker, topic, [BrokerMessage.Encode(message.Metadata, message.Data.Span)], CancellationToken.None);

    private RedisBroker Find(string pubSub, string topic)
    {
        if (pubSub.Length == 0) throw PublishException.NameEmpty();
        if (brokers.Find(pubSub) is not { } broker) throw PublishException.NotFound(pubSub);
        return topic.Length > 0 ? broker : throw PublishException.TopicEmpty(pubSub);
    }

    private byte[] Encode(string pubSub, string topic, OutgoingMessage message, bool isRaw, PublishSpan span)
    {
        if (isRaw)
        {
            var traced = new Dictionary<string, string>(message.Metadata);
            if (span.TraceParent.Length > 0) traced["traceid"] = traced["traceparent"] = span.TraceParent;
            if (span.TraceState.Length > 0) traced["tracestate"] = span.TraceState;
            return BrokerMessage.Encode(traced, message.Data.Span);
        }
        var envelope = CloudEventWriter.Write(new EventSource(
            options.AppId, pubSub, topic, message.ContentType, message.Data, span.TraceParent, span.TraceState, message.Metadata));
        return BrokerMessage.Encode(message.Metadata, envelope ?? throw PublishException.NoCloudEvent(pubSub, options.AppId));
    }

    private async Task SendAsync(RedisBroker broker, string topic, byte[][] elements, CancellationToken cancellationToken)
    {
        var pubSub = broker.Component.Name;
        if (!broker.Component.Scopes.MayPublish(topic)) throw PublishException.Forbidden(pubSub, topic, options.AppId);
        var attempt = await PolicyRunner.RunAsync(resources.Resiliency.Outbound(pubSub), async (_, _) =>
        {
            try
            {
                await broker.PublishAsync(topic, elements);
                return Attempt.Success;
            }
            catch (Exception error) when (error is RedisException or TimeoutException)
            {
                return new Attempt(false, RedisConnections.Reason(error));
            }
        }, cancellationToken);
        if (!attempt.Succeeded) throw PublishException.Failed(pubSub, topic, attempt.Error);
    }

    private static bool IsRaw(string pubSub, IReadOnlyDictionary<string, string> metadata) => metadata.GetValueOrDefault("rawPayload") switch
    {
        null or "" => false,
        "1" or "t" or "T" or "TRUE" or "true" or "True" => true,
        "0" or "f" or "F" or "FALSE" or "false" or "False" => false,
        var other => throw PublishException.BadMetadata(pubSub, $"rawPayload value must be a valid boolean: actual is '{other}'"),
    };
}
