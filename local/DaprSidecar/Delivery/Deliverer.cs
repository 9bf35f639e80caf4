using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using TaskFlow.Local.DaprSidecar.Broker;
using TaskFlow.Local.DaprSidecar.Publishing;
using TaskFlow.Local.DaprSidecar.Resiliency;
using TaskFlow.Local.DaprSidecar.Resources;
using TaskFlow.Local.DaprSidecar.Telemetry;

namespace TaskFlow.Local.DaprSidecar.Delivery;

/// <summary>Brings one message to the app: under the inbound policy, and to the dead-letter topic when that does not help.</summary>
internal sealed partial class Deliverer(AppChannel app, AppMonitor monitor, DeliveryGate gate, Publisher publisher, ILogger<Deliverer> logger)
{
    private const int LargestAnswer = 64 * 1024;

    private static readonly MediaTypeHeaderValue CloudEvents = new("application/cloudevents+json");
    private static readonly TimeSpan DeadLetterPatience = TimeSpan.FromSeconds(30);

    public async Task<Outcome> DeliverAsync(TopicSubscription subscription, RedisBroker broker, Policy policy, BrokerMessage message, CancellationToken stopping)
    {
        var data = subscription.RawPayload ? CloudEventWriter.WrapRaw(message.Data.Span, subscription.Topic, subscription.PubSub, message.Metadata) : message.Data;
        if (ReceivedEvent.TryRead(data.Span) is not { } received)
        {
            LogNoCloudEvent(subscription.Topic, message.Id);
            // It will not become one: without a dead-letter topic it would come again for ever.
            return await BuryAsync(subscription, broker, message, Outcome.Done, stopping);
        }
        if (received.HasExpired(DateTimeOffset.UtcNow))
        {
            LogExpired(subscription.Topic, received.Id);
            return await BuryAsync(subscription, broker, message, Outcome.Done, stopping);
        }
        if (Route(subscription, data) is not { } path) return await BuryAsync(subscription, broker, message, Outcome.Done, stopping);

        var verdict = Verdict.Retry;
        var attempt = await PolicyRunner.RunAsync(policy, async (number, cancellationToken) =>
        {
            if (!gate.IsOpen) return new Attempt(false, "the app is away", IsFinal: true);
            (verdict, var result) = await TryAsync(path, subscription, broker, received, message, data, number, cancellationToken);
            return result;
        }, stopping);

        if (attempt.Succeeded && verdict == Verdict.Drop)
        {
            LogDropped(subscription.Topic, received.Id, attempt.Error);
            return await BuryAsync(subscription, broker, message, Outcome.Done, stopping);
        }
        if (attempt.Succeeded) return Outcome.Done;
        if (!gate.IsOpen) return Outcome.GiveBack;
        LogFailed(subscription.Topic, received.Id, attempt.Error);
        return await BuryAsync(subscription, broker, message, Outcome.Later, stopping);
    }

    private async Task<(Verdict Verdict, Attempt Attempt)> TryAsync(
        string path, TopicSubscription subscription, RedisBroker broker, ReceivedEvent received, BrokerMessage message, ReadOnlyMemory<byte> data, int number,
        CancellationToken cancellationToken)
    {
        using var span = Tracing.StartDelivery(subscription.Topic, broker.Component.Settings.ConsumerGroup, received, number);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (broker.Component.Settings.ProcessingTimeout is { Ticks: > 0 } timeout) limit.CancelAfter(timeout);
        try
        {
            using var answer = await app.PostAsync(path, data, CloudEvents, headers => AddHeaders(headers, subscription, message, span, received), limit.Token);
            var status = (int)answer.StatusCode;
            var verdict = AppAnswer.Read(status, await ReadBodyAsync(answer, limit.Token), out var reason);
            Tracing.EndDelivery(span, status, verdict, reason);
            return (verdict, verdict == Verdict.Retry ? new Attempt(false, reason, status is >= 200 and < 300 ? null : status) : new Attempt(true, reason));
        }
        catch (HttpRequestException error)
        {
            Tracing.EndDelivery(span, null, Verdict.Retry, error.Message);
            if (error.HttpRequestError == HttpRequestError.ConnectionError) monitor.ReportUnreachable();
            return (Verdict.Retry, new Attempt(false, $"the app cannot be reached: {error.Message}"));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The policy's time limit, or the end of this sidecar: the trace must not show it as a success.
            Tracing.EndDelivery(span, null, Verdict.Retry, "the delivery was cut off");
            throw;
        }
        catch (Exception error) when (error is OperationCanceledException or IOException && !cancellationToken.IsCancellationRequested)
        {
            var reason = error is IOException ? error.Message : $"the app did not answer within {broker.Component.Settings.ProcessingTimeout.TotalSeconds:0.###} s";
            Tracing.EndDelivery(span, null, Verdict.Retry, reason);
            return (Verdict.Retry, new Attempt(false, reason));
        }
    }

    private static void AddHeaders(HttpRequestHeaders headers, TopicSubscription subscription, BrokerMessage message, Activity? span, ReceivedEvent received)
    {
        foreach (var (name, value) in message.Metadata)
        {
            // A header with a line break in it keeps the whole message from being sent, each time; and the address and framing of the request are ours.
            if (!value.AsSpan().ContainsAnyInRange('\0', '\x1f') && !IsOfTheConnection(name)) headers.TryAddWithoutValidation(name, value);
        }
        headers.TryAddWithoutValidation("pubsubName", subscription.PubSub);
        var traceParent = span?.Id ?? received.TraceParent;
        if (traceParent.Length == 0) return;
        headers.Remove("traceparent");
        headers.TryAddWithoutValidation("traceparent", traceParent);
        if ((span?.TraceStateString ?? received.TraceState) is not { Length: > 0 } traceState) return;
        headers.Remove("tracestate");
        headers.TryAddWithoutValidation("tracestate", traceState);
    }

    private static bool IsOfTheConnection(string name) => name.ToLowerInvariant() is "host" or "connection" or "transfer-encoding" or "upgrade" or "expect" or "keep-alive" or "te" or "trailer";

    private static async Task<byte[]> ReadBodyAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        // A long answer is no status; what follows is left unread.
        if (answer.Content.Headers.ContentLength is 0 or > LargestAnswer) return [];
        await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[answer.Content.Headers.ContentLength ?? 512];
        var length = 0;
        while (await body.ReadAsync(buffer.AsMemory(length), cancellationToken) is > 0 and var read)
        {
            length += read;
            if (length > LargestAnswer) return [];
            if (length == buffer.Length) Array.Resize(ref buffer, (2 * length) + 1);
        }
        return buffer[..length];
    }

    private static string? Route(TopicSubscription subscription, ReadOnlyMemory<byte> data)
    {
        if (!subscription.Rules[0].NeedsEvent) return subscription.Rules[0].Path;
        using var document = JsonDocument.Parse(data, new JsonDocumentOptions { MaxDepth = 512 });
        return subscription.Rules.FirstOrDefault(rule => rule.Matches(document.RootElement))?.Path;
    }

    /// <summary>To the dead-letter topic, if there is one.</summary>
    private async Task<Outcome> BuryAsync(TopicSubscription subscription, RedisBroker broker, BrokerMessage message, Outcome withoutTopic, CancellationToken stopping)
    {
        if (subscription.DeadLetterTopic is not { } topic) return withoutTopic;
        try
        {
            await publisher.ForwardAsync(broker, topic, message).WaitAsync(DeadLetterPatience, stopping);
            LogBuried(subscription.Topic, topic, message.Id);
            return Outcome.Done;
        }
        catch (Exception error) when (error is PublishException or TimeoutException)
        {
            LogBuryingFailed(subscription.Topic, topic, error.Message);
            return Outcome.Later;
        }
    }

    [LoggerMessage(LogLevel.Error, "topic {Topic}: message {Id} is not a CloudEvent")]
    private partial void LogNoCloudEvent(string topic, string id);

    [LoggerMessage(LogLevel.Warning, "topic {Topic}: event {Id} has expired")]
    private partial void LogExpired(string topic, string id);

    [LoggerMessage(LogLevel.Warning, "topic {Topic}: event {Id} is dropped: {Reason}")]
    private partial void LogDropped(string topic, string id, string reason);

    [LoggerMessage(LogLevel.Warning, "topic {Topic}: event {Id} could not be delivered: {Reason}")]
    private partial void LogFailed(string topic, string id, string reason);

    [LoggerMessage(LogLevel.Warning, "topic {Topic}: message {Id} went to the dead-letter topic {DeadLetterTopic}")]
    private partial void LogBuried(string topic, string deadLetterTopic, string id);

    [LoggerMessage(LogLevel.Error, "topic {Topic}: the dead-letter topic {DeadLetterTopic} did not take a message, it will be delivered again: {Reason}")]
    private partial void LogBuryingFailed(string topic, string deadLetterTopic, string reason);
}
