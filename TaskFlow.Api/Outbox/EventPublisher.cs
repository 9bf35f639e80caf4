using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;
using Dapr.Client;
using TaskFlow.Api.Events;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Outbox;

/// <summary>Hands events to the sidecar. Thread-safe.</summary>
internal sealed class EventPublisher(DaprClient dapr, TimeProvider time)
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);
    private static readonly Counter<long> Published = ApiTelemetry.Meter.CreateCounter<long>(
        "taskflow.outbox.published", "{event}", "Events handed to the broker.");
    private static readonly Histogram<double> Lag = ApiTelemetry.Meter.CreateHistogram<double>(
        "taskflow.outbox.lag", "ms", "From the commit of an event to its acceptance by the broker.");

    /// <summary>What one call may hold, with room to spare: a sidecar refuses messages over 4 MB, again and again, however often they are tried.</summary>
    private const int MaxCallBytes = 3 << 20;

    /// <summary>
    /// Publishes, in as few calls as the sidecar takes, and returns those events that the broker refused. Throws when the sidecar cannot be reached or refuses
    /// all; once some are published, the others count as refused instead.
    /// </summary>
    public async Task<IReadOnlyList<EventMessage>> PublishAsync(IReadOnlyList<EventMessage> events, CancellationToken cancellationToken)
    {
        var refused = new List<EventMessage>();
        for (int from = 0, count; from < events.Count; from += count)
        {
            count = CountThatFit(events, from);
            try
            {
                refused.AddRange(await PublishTogetherAsync(count == events.Count ? events : [.. events.Skip(from).Take(count)], cancellationToken));
            }
            catch (Exception) when (from > 0 && !cancellationToken.IsCancellationRequested)
            {
                refused.AddRange(events.Skip(from));
                break;
            }
        }
        return refused;
    }

    /// <summary>How many of the events, from that one on, go into one call: one at least.</summary>
    private static int CountThatFit(IReadOnlyList<EventMessage> events, int from)
    {
        var bytes = SizeOf(events[from]);
        var next = from + 1;
        while (next < events.Count && (bytes += SizeOf(events[next])) <= MaxCallBytes) next++;
        return next - from;
    }

    /// <summary>About what an event takes, rather more than less: what is not measured has its limits.</summary>
    private static long SizeOf(EventMessage message) => 2048 + JsonMarshal.GetRawUtf8Value(message.Payload).Length
        + (message.Internals?.Notifications?.Sum(addressed => 1024L + 4 * addressed.Notification.Text.Length) ?? 0);

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
}
