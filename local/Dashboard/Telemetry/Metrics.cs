namespace TaskFlow.Local.Dashboard.Telemetry;

public enum InstrumentKind { Gauge, Sum, Histogram }

/// <summary>What names an instrument: two instances of a service have one each.</summary>
public readonly record struct InstrumentKey(TelemetryResource Resource, Scope Scope, string Name);

internal sealed class Instrument(InstrumentKey key, InstrumentKind kind)
{
    public InstrumentKey Key { get; } = key;

    public InstrumentKind Kind { get; } = kind;

    public string Description { get; set; } = "";

    public string Unit { get; set; } = "";

    /// <summary>A sum that only grows is read as a rate, any other as a level.</summary>
    public bool IsMonotonic { get; set; }

    public Dictionary<string, Series> Series { get; } = [];
}

/// <summary>
/// One moment of a series, always as total since the start (a sender's deltas are added up on arrival), so that a reader gets any window by one subtraction.
/// <c>Value</c> is the number or a histogram's sum.
/// </summary>
public readonly record struct Sample(long Time, double Value, ulong Count, ulong[]? Buckets);

internal sealed class Series(Tag[] attributes)
{
    public Tag[] Attributes { get; } = attributes;

    /// <summary>Upper bounds of a histogram's buckets; the last bucket has none.</summary>
    public double[] Bounds { get; set; } = [];

    public List<Sample> Samples { get; } = [];
}

/// <summary>A copy of an instrument for a reader.</summary>
public sealed record InstrumentView(InstrumentKey Key, InstrumentKind Kind, string Description, string Unit, bool IsMonotonic, SeriesView[] Series);

public sealed record SeriesView(Tag[] Attributes, double[] Bounds, Sample[] Samples);
