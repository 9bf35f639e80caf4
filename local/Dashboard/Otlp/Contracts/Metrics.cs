using System.Text.Json.Serialization;
using ProtoBuf;

namespace TaskFlow.Local.Dashboard.Otlp.Contracts;

[ProtoContract]
internal sealed class ExportMetricsRequest
{
    [ProtoMember(1)] public List<ResourceMetrics>? ResourceMetrics { get; set; }
}

[ProtoContract]
internal sealed class ResourceMetrics
{
    [ProtoMember(1)] public ResourceMessage? Resource { get; set; }
    [ProtoMember(2)] public List<ScopeMetrics>? ScopeMetrics { get; set; }
}

[ProtoContract]
internal sealed class ScopeMetrics
{
    [ProtoMember(1)] public InstrumentationScope? Scope { get; set; }
    [ProtoMember(2)] public List<MetricMessage>? Metrics { get; set; }
}

[ProtoContract]
internal sealed class MetricMessage
{
    [ProtoMember(1)] public string? Name { get; set; }
    [ProtoMember(2)] public string? Description { get; set; }
    [ProtoMember(3)] public string? Unit { get; set; }
    [ProtoMember(5)] public GaugeMessage? Gauge { get; set; }
    [ProtoMember(7)] public SumMessage? Sum { get; set; }
    [ProtoMember(9)] public HistogramMessage? Histogram { get; set; }
    [ProtoMember(10)] public ExponentialHistogramMessage? ExponentialHistogram { get; set; }
    [ProtoMember(11)] public SummaryMessage? Summary { get; set; }
}

[ProtoContract]
internal sealed class GaugeMessage
{
    [ProtoMember(1)] public List<NumberPoint>? DataPoints { get; set; }
}

[ProtoContract]
internal sealed class SumMessage
{
    [ProtoMember(1)] public List<NumberPoint>? DataPoints { get; set; }
    [ProtoMember(2)] public int AggregationTemporality { get; set; }
    [ProtoMember(3)] public bool IsMonotonic { get; set; }
}

[ProtoContract]
internal sealed class HistogramMessage
{
    [ProtoMember(1)] public List<HistogramPoint>? DataPoints { get; set; }
    [ProtoMember(2)] public int AggregationTemporality { get; set; }
}

[ProtoContract]
internal sealed class ExponentialHistogramMessage
{
    [ProtoMember(1)] public List<ExponentialPoint>? DataPoints { get; set; }
    [ProtoMember(2)] public int AggregationTemporality { get; set; }
}

[ProtoContract]
internal sealed class SummaryMessage
{
    [ProtoMember(1)] public List<SummaryPoint>? DataPoints { get; set; }
}

[ProtoContract]
internal sealed class NumberPoint
{
    [ProtoMember(7)] public List<KeyValue>? Attributes { get; set; }
    [ProtoMember(2, DataFormat = DataFormat.FixedSize), JsonNumberHandling(OtlpJson.Text)] public ulong StartTimeUnixNano { get; set; }
    [ProtoMember(3, DataFormat = DataFormat.FixedSize), JsonNumberHandling(OtlpJson.Text)] public ulong TimeUnixNano { get; set; }
    [ProtoMember(4)] public double? AsDouble { get; set; }
    [ProtoMember(6, DataFormat = DataFormat.FixedSize), JsonNumberHandling(OtlpJson.Text)] public long? AsInt { get; set; }
}

[ProtoContract]
internal sealed class HistogramPoint
{
    [ProtoMember(9)] public List<KeyValue>? Attributes { get; set; }
    [ProtoMember(2, DataFormat = DataFormat.FixedSize), JsonNumberHandling(OtlpJson.Text)] public ulong StartTimeUnixNano { get; set; }
    [ProtoMember(3, DataFormat = DataFormat.FixedSize), JsonNumberHandling(OtlpJson.Text)] public ulong TimeUnixNano { get; set; }
    [ProtoMember(4, DataFormat = DataFormat.FixedSize), JsonNumberHandling(OtlpJson.Text)] public ulong Count { get; set; }
    [ProtoMember(5)] public double? Sum { get; set; }
    [ProtoMember(6, DataFormat = DataFormat.FixedSize, IsPacked = true), JsonNumberHandling(OtlpJson.Text)] public ulong[]? BucketCounts { get; set; }
    [ProtoMember(7, IsPacked = true)] public double[]? ExplicitBounds { get; set; }
    [ProtoMember(11)] public double? Min { get; set; }
    [ProtoMember(12)] public double? Max { get; set; }
}

[ProtoContract]
internal sealed class ExponentialPoint
{
    [ProtoMember(1)] public List<KeyValue>? Attributes { get; set; }
    [ProtoMember(2, DataFormat = DataFormat.FixedSize), JsonNumberHandling(OtlpJson.Text)] public ulong StartTimeUnixNano { get; set; }
    [ProtoMember(3, DataFormat = DataFormat.FixedSize), JsonNumberHandling(OtlpJson.Text)] public ulong TimeUnixNano { get; set; }
    [ProtoMember(4, DataFormat = DataFormat.FixedSize), JsonNumberHandling(OtlpJson.Text)] public ulong Count { get; set; }
    [ProtoMember(5)] public double? Sum { get; set; }
    [ProtoMember(6, DataFormat = DataFormat.ZigZag)] public int Scale { get; set; }
    [ProtoMember(7, DataFormat = DataFormat.FixedSize), JsonNumberHandling(OtlpJson.Text)] public ulong ZeroCount { get; set; }
    [ProtoMember(8)] public ExponentialBuckets? Positive { get; set; }
    [ProtoMember(9)] public ExponentialBuckets? Negative { get; set; }
}

[ProtoContract]
internal sealed class ExponentialBuckets
{
    [ProtoMember(1, DataFormat = DataFormat.ZigZag)] public int Offset { get; set; }
    [ProtoMember(2, IsPacked = true), JsonNumberHandling(OtlpJson.Text)] public ulong[]? BucketCounts { get; set; }
}

[ProtoContract]
internal sealed class SummaryPoint
{
    [ProtoMember(7)] public List<KeyValue>? Attributes { get; set; }
    [ProtoMember(2, DataFormat = DataFormat.FixedSize), JsonNumberHandling(OtlpJson.Text)] public ulong StartTimeUnixNano { get; set; }
    [ProtoMember(3, DataFormat = DataFormat.FixedSize), JsonNumberHandling(OtlpJson.Text)] public ulong TimeUnixNano { get; set; }
    [ProtoMember(4, DataFormat = DataFormat.FixedSize), JsonNumberHandling(OtlpJson.Text)] public ulong Count { get; set; }
    [ProtoMember(5)] public double Sum { get; set; }
    [ProtoMember(6)] public List<QuantileValue>? QuantileValues { get; set; }
}

[ProtoContract]
internal sealed class QuantileValue
{
    [ProtoMember(1)] public double Quantile { get; set; }
    [ProtoMember(2)] public double Value { get; set; }
}
