using System.Diagnostics;
using TaskFlow.Local.DaprSidecar.Delivery;

namespace TaskFlow.Local.DaprSidecar.Telemetry;

/// <summary>The trace context of a request to this sidecar.</summary>
internal readonly record struct TraceHeaders(string? TraceParent, string? TraceState)
{
    public static TraceHeaders Of(IHeaderDictionary headers) => new(headers.TraceParent, headers.TraceState);
}

/// <summary>A publish as the trace shows it, or what came in where nothing is traced here.</summary>
internal readonly struct PublishSpan(Activity? activity, TraceHeaders incoming)
{
    public string TraceParent => activity?.Id ?? incoming.TraceParent ?? "";

    public string TraceState => activity is null ? incoming.TraceState ?? "" : activity.TraceStateString ?? "";

    public void End(string? failure)
    {
        if (activity is null) return;
        if (failure is not null)
        {
            activity.SetStatus(ActivityStatusCode.Error, failure);
            activity.SetTag("error.type", "publish_failed");
        }
        activity.Dispose();
    }
}

/// <summary>The sidecar's two kinds of span, by the semantic conventions for messaging: a producer for each publish, a consumer for each delivery.</summary>
internal static class Tracing
{
    public const string SourceName = "TaskFlow.Local.DaprSidecar";

    private static readonly ActivitySource Source = new(SourceName);

    public static PublishSpan StartPublish(string topic, TraceHeaders incoming)
    {
        if (!Source.HasListeners()) return new PublishSpan(null, incoming);
        ActivityContext.TryParse(incoming.TraceParent, incoming.TraceState, isRemote: true, out var parent);
        var activity = Start($"publish {topic}", ActivityKind.Producer, parent);
        if (activity is { IsAllDataRequested: true }) AddMessaging(activity, topic, "publish", "send");
        return new PublishSpan(activity, incoming);
    }

    public static Activity? StartDelivery(string topic, string group, ReceivedEvent received, int attempt)
    {
        if (!Source.HasListeners()) return null;
        ActivityContext.TryParse(received.TraceParent, received.TraceState, isRemote: true, out var parent);
        var activity = Start($"deliver {topic}", ActivityKind.Consumer, parent);
        if (activity is not { IsAllDataRequested: true }) return activity;
        AddMessaging(activity, topic, "deliver", "process");
        activity.SetTag("messaging.consumer.group.name", group);
        activity.SetTag("messaging.message.id", received.Id);
        if (attempt > 1) activity.SetTag("messaging.delivery.attempt", attempt);
        return activity;
    }

    public static void EndDelivery(Activity? activity, int? statusCode, Verdict verdict, string reason)
    {
        if (activity is not { IsAllDataRequested: true }) return;
        if (statusCode is { } code) activity.SetTag("http.response.status_code", code);
        if (verdict == Verdict.Success) return;
        activity.SetTag("error.type", verdict == Verdict.Drop ? "dropped" : "retry");
        activity.SetStatus(ActivityStatusCode.Error, reason);
    }

    /// <summary>With exactly this parent: what runs around it here is no part of the message's way.</summary>
    private static Activity? Start(string name, ActivityKind kind, ActivityContext parent)
    {
        Activity.Current = null;
        var activity = Source.StartActivity(name, kind, parent);
        Activity.Current = null;
        return activity;
    }

    private static void AddMessaging(Activity activity, string topic, string operation, string type)
    {
        activity.SetTag("messaging.system", "redis");
        activity.SetTag("messaging.destination.name", topic);
        activity.SetTag("messaging.operation.name", operation);
        activity.SetTag("messaging.operation.type", type);
    }
}
