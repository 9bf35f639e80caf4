using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace TaskFlow.Push.Telemetry;

/// <summary>The kinds of connection, as metrics name them.</summary>
internal enum TransportKind : byte { WebSocket, Sse, Poll }

/// <summary>The service's one ActivitySource and one Meter.</summary>
internal sealed class PushTelemetry : IDisposable
{
    public const string Name = "TaskFlow.Push";
    public static readonly ActivitySource Source = new(Name);
    private static readonly KeyValuePair<string, object?>[] Transports =
        [new("taskflow.transport", "websocket"), new("taskflow.transport", "sse"), new("taskflow.transport", "poll")];

    private readonly Meter _meter = new(Name);
    private readonly Histogram<double> _delivery;
    private readonly Histogram<double> _acknowledged;
    private readonly Counter<long> _events;
    private readonly Counter<long> _duplicates;
    private readonly Counter<long> _repairs;
    private readonly Counter<long> _resets;
    private readonly Counter<long> _closes;
    private readonly Counter<long> _compressions;
    private readonly Counter<long> _repeatedPolls;
    private readonly Counter<long> _deadLetters;
    private readonly Counter<long> _resubscriptions;

    public PushTelemetry()
    {
        var advice = new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.5, 1, 2, 5, 10] };
        _delivery = _meter.CreateHistogram("taskflow.push.delivery.duration", "s",
            "From the commit of an event until it was written to the last connection of one pass, one measurement per event, pass and transport.", advice: advice);
        _acknowledged = _meter.CreateHistogram("taskflow.push.acknowledged.duration", "s", "From the commit of an event to the acknowledgement of a client that sends them.", advice: advice);
        _events = _meter.CreateCounter<long>("taskflow.push.events", "{event}", "Events applied to a log.");
        _duplicates = _meter.CreateCounter<long>("taskflow.push.duplicates", "{event}", "Events that arrived again and were dropped.");
        _repairs = _meter.CreateCounter<long>("taskflow.push.repairs", "{repair}", "Reads of the feed because something was missing.");
        _resets = _meter.CreateCounter<long>("taskflow.push.resets", "{reset}", "Clients told to load the snapshot.");
        _closes = _meter.CreateCounter<long>("taskflow.push.closes", "{connection}", "Connections closed, by close code.");
        _compressions = _meter.CreateCounter<long>("taskflow.push.compressions", "{frame}", "Frames compressed, each for all connections that agreed on it.");
        _repeatedPolls = _meter.CreateCounter<long>("taskflow.push.repeated_polls", "{poll}", "Long polls answered from the bytes of the one before, which http.server.request.duration does not count.");
        _deadLetters = _meter.CreateCounter<long>("taskflow.push.dead_letters", "{message}", "Messages that reached the dead-letter topic.");
        _resubscriptions = _meter.CreateCounter<long>("taskflow.push.resubscriptions", "{subscription}", "Redis subscriptions that had gone silent and were made again.");
    }

    /// <summary>Gauges are read on collection; the caller knows where the numbers are.</summary>
    public void Observe(Func<IEnumerable<Measurement<long>>> connections, Func<long> workspaces, Func<long> lag, Func<long> ringBytes)
    {
        _meter.CreateObservableGauge("taskflow.push.connections", connections, "{connection}", "Open connections.");
        _meter.CreateObservableGauge("taskflow.push.workspaces", workspaces, "{workspace}", "Workspaces loaded on this instance.");
        _meter.CreateObservableGauge("taskflow.push.lag", lag, "{event}", "How far the slowest connection is behind its log.");
        _meter.CreateObservableGauge("taskflow.push.ring.bytes", ringBytes, "By", "Memory held by all rings.");
    }

    /// <summary>For listeners that mean one of several instances in a process.</summary>
    public Meter Meter => _meter;

    public static KeyValuePair<string, object?> Tag(TransportKind transport) => Transports[(int)transport];
    public void Delivered(TransportKind transport, double seconds) => _delivery.Record(seconds, Tag(transport));
    public void Acknowledged(TransportKind transport, double seconds) => _acknowledged.Record(seconds, Tag(transport));
    public void Applied(int count) => _events.Add(count);
    public void Duplicate() => _duplicates.Add(1);
    public void Repaired(string reason) => _repairs.Add(1, new KeyValuePair<string, object?>("reason", reason));
    public void Reset() => _resets.Add(1);
    public void Closed(TransportKind transport, int code) => _closes.Add(1, Tag(transport), new KeyValuePair<string, object?>("code", code));
    public void Compressed() => _compressions.Add(1);
    public void RepeatedPoll() => _repeatedPolls.Add(1);
    public void DeadLetter() => _deadLetters.Add(1);
    public void Resubscribed() => _resubscriptions.Add(1);
    public void Dispose() => _meter.Dispose();
}
