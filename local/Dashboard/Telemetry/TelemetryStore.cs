namespace TaskFlow.Local.Dashboard.Telemetry;

/// <summary>All telemetry that is kept, in memory and bounded.</summary>
internal sealed class TelemetryStore
{
    private long _refused;

    public TelemetryStore(DashboardOptions options, TimeProvider time)
    {
        Attributes = new AttributeReader(new StringPool());
        Resources = new ResourceRegistry(Attributes, options.MaxResources, time);
        Spans = new SpanStore(options);
        Logs = new LogStore(options);
        Metrics = new MetricStore(options, time);
    }

    public AttributeReader Attributes { get; }

    public ResourceRegistry Resources { get; }

    public SpanStore Spans { get; }

    public LogStore Logs { get; }

    public MetricStore Metrics { get; }

    /// <summary>Messages, spans, records and points that could not be taken.</summary>
    public long Refused => Volatile.Read(ref _refused);

    public string LastRefusal { get; private set; } = "";

    public void Refuse(long count, string reason)
    {
        Interlocked.Add(ref _refused, count);
        LastRefusal = reason;
    }
}
