using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;
using Dapr.Client;
using Grpc.Core;
using TaskFlow.Api.Events;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Outbox;

/// <summary>
/// Hands events to the sidecar. One that is too large for it is passed over, lest it hold up all behind it: Push reads from the feed what the broker does
/// not bring. Thread-safe.
/// </summary>
internal sealed partial class EventPublisher(DaprClient dapr, TimeProvider time, ILogger<EventPublisher> logger)
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);
    private static readonly Counter<long> Published = ApiTelemetry.Meter.CreateCounter<long>(
        "taskflow.outbox.published", "{event}", "Events handed to the broker.");
    private static readonly Counter<long> Oversized = ApiTelemetry.Meter.CreateCounter<long>(
        "taskflow.outbox.oversized", "{event}", "Events passed over because they do not fit into one message to the sidecar; clients get them from the feed.");
    private static readonly Histogram<double> Lag = ApiTelemetry.Meter.CreateHistogram<double>(
        "taskflow.outbox.lag", "ms", "From the commit of an event to its acceptance by the broker.");

    /// <summary>What one call may hold, with room to spare: a sidecar refuses messages over 4 MB, again and again, however often they are tried.</summary>
    private const long MaxCallBytes = 3 << 20;

    /// <summary>
    /// Publishes, in as few calls as the sidecar takes, and returns those events that the broker refused. Throws when the sidecar cannot be reached or refuses
    /// all; once some are published, the others count as refused instead.
    /// </summary>
    public async Task<IReadOnlyList<EventMessage>> PublishAsync(IReadOnlyList<EventMessage> events, CancellationToken cancellationToken)
    {
        var refused = new List<EventMessage>();
        var limit = MaxCallBytes;
        for (int from = 0, count; from < events.Count; from += count)
        {
            (count, var bytes) = Fitting(events, from, limit);
            try
            {
                if (bytes > MaxCallBytes) PassOver(events[from], bytes);
                else refused.AddRange(await PublishTogetherAsync(count == events.Count ? events : [.. events.Skip(from).Take(count)], cancellationToken));
            }
            catch (Exception exception) when (IsTooLarge(exception))
            {
                // This sidecar takes less than is usual. By halves, until it takes them or there is but one.
                if (count == 1) PassOver(events[from], bytes);
                else (limit, count) = (bytes / 2, 0);
            }
            catch (Exception) when (from > 0 && !cancellationToken.IsCancellationRequested)
            {
                refused.AddRange(events.Skip(from));
                break;
            }
        }
        return refused;
    }

    /// <summary>How many of the events, from that one on, go into one call, one at least, and what they take.</summary>
    private static (int Count, long Bytes) Fitting(IReadOnlyList<EventMessage> events, int from, long limit)
    {
        var bytes = SizeOf(events[from]);
        var next = from + 1;
        for (; next < events.Count && bytes + SizeOf(events[next]) is var more && more <= limit; next++) bytes = more;
        return (next - from, bytes);
    }

    /// <summary>About what an event takes, rather more than less: what is not measured has its limits. JSON makes at most six bytes of a character.</summary>
    private static long SizeOf(EventMessage message) => 4096 + JsonMarshal.GetRawUtf8Value(message.Payload).Length
        + (message.Internals?.Notifications?.Sum(addressed => 768L + 6 * (addressed.Notification.Text.Length + addressed.Notification.By.Name.Length)) ?? 0);

    private static bool IsTooLarge(Exception exception) => exception.GetBaseException() is RpcException { StatusCode: StatusCode.ResourceExhausted };

    private void PassOver(EventMessage message, long bytes)
    {
        Oversized.Add(1);
        LogOversized(message.Type, message.WorkspaceId, message.Seq, bytes);
    }

    private async Task<IReadOnlyList<EventMessage>> PublishTogetherAsync(IReadOnlyList<EventMessage> events, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(CallTimeout);
        using var span = StartSpan(events);
        try
        {
            var refused = await CallAsync(events, deadline.Token);
            Count(events, refused);
            return refused;
        }
        catch (Exception exception)
        {
            span?.SetStatus(ActivityStatusCode.Error, exception.GetType().Name);
            throw;
        }
    }

    private async Task<IReadOnlyList<EventMessage>> CallAsync(IReadOnlyList<EventMessage> events, CancellationToken cancellationToken)
    {
        if (events.Count == 1)
        {
            await dapr.PublishEventAsync(Topology.PubSub, Topology.EventsTopic, events[0], cancellationToken);
            return [];
        }
        var answer = await dapr.BulkPublishEventAsync(Topology.PubSub, Topology.EventsTopic, events, cancellationToken: cancellationToken);
        if (answer.FailedEntries.Count == events.Count) throw new InvalidOperationException($"the broker refuses all: {answer.FailedEntries[0].ErrorMessage}");
        return [.. answer.FailedEntries.Select(failed => failed.Entry.EventData).OrderBy(message => message.Seq)];
    }

    /// <summary>
    /// The span belongs to the trace of the request that made the (first) change, and the call carries it on to the sidecar. What else
    /// travels in the same call is linked; each event brings its own context in its internals.
    /// </summary>
    private static Activity? StartSpan(IReadOnlyList<EventMessage> events)
    {
        var parent = ContextOf(events[0]);
        var links = events.Skip(1).Select(ContextOf).Where(context => context != default).Take(32).Select(context => new ActivityLink(context));
        var span = ApiTelemetry.Source.StartActivity("outbox publish", ActivityKind.Producer, parent, links: events.Count > 1 ? links : null);
        if (span is null) return null;
        span.SetTag("messaging.system", "dapr");
        span.SetTag("messaging.operation.type", "send");
        span.SetTag("messaging.operation.name", "publish");
        span.SetTag("messaging.destination.name", Topology.EventsTopic);
        if (events.Count > 1) span.SetTag("messaging.batch.message_count", events.Count);
        span.SetTag("taskflow.workspace", events[0].WorkspaceId);
        span.SetTag("taskflow.seq", events[0].Seq);
        return span;
    }

    private static ActivityContext ContextOf(EventMessage message) =>
        message.Internals?.Traceparent is { } traceparent && ActivityContext.TryParse(traceparent, null, isRemote: true, out var context) ? context : default;

    private void Count(IReadOnlyList<EventMessage> events, IReadOnlyList<EventMessage> refused)
    {
        Published.Add(events.Count - refused.Count);
        if (!Lag.Enabled) return;
        var now = time.GetUtcNow().ToUnixMicroseconds();
        foreach (var message in refused.Count == 0 ? events : events.Except(refused))
        {
            if (message.Internals is { CommittedAtMicros: > 0 and var committed }) Lag.Record((now - committed) / 1000.0);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Event {Seq} of workspace {Workspace}, a {Type} of about {Bytes} bytes, is too large for the sidecar and was passed over: clients get it from the feed.")]
    private partial void LogOversized(string type, Guid workspace, long seq, long bytes);
}
