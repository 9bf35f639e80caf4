using System.Text.Json.Serialization;
using ProtoBuf;

namespace TaskFlow.Local.Dashboard.Otlp.Contracts;

[ProtoContract]
internal sealed class ExportTraceRequest
{
    [ProtoMember(1)] public List<ResourceSpans>? ResourceSpans { get; set; }
}

[ProtoContract]
internal sealed class ResourceSpans
{
    [ProtoMember(1)] public ResourceMessage? Resource { get; set; }
    [ProtoMember(2)] public List<ScopeSpans>? ScopeSpans { get; set; }
}

[ProtoContract]
internal sealed class ScopeSpans
{
    [ProtoMember(1)] public InstrumentationScope? Scope { get; set; }
    [ProtoMember(2)] public List<SpanMessage>? Spans { get; set; }
}

[ProtoContract]
internal sealed class SpanMessage
{
    [ProtoMember(1), JsonConverter(typeof(HexConverter))] public byte[]? TraceId { get; set; }
    [ProtoMember(2), JsonConverter(typeof(HexConverter))] public byte[]? SpanId { get; set; }
    [ProtoMember(3)] public string? TraceState { get; set; }
    [ProtoMember(4), JsonConverter(typeof(HexConverter))] public byte[]? ParentSpanId { get; set; }
    [ProtoMember(5)] public string? Name { get; set; }
    [ProtoMember(6)] public int Kind { get; set; }
    [ProtoMember(7, DataFormat = DataFormat.FixedSize), JsonNumberHandling(OtlpJson.Text)] public ulong StartTimeUnixNano { get; set; }
    [ProtoMember(8, DataFormat = DataFormat.FixedSize), JsonNumberHandling(OtlpJson.Text)] public ulong EndTimeUnixNano { get; set; }
    [ProtoMember(9)] public List<KeyValue>? Attributes { get; set; }
    [ProtoMember(11)] public List<SpanEventMessage>? Events { get; set; }
    [ProtoMember(13)] public List<SpanLinkMessage>? Links { get; set; }
    [ProtoMember(15)] public StatusMessage? Status { get; set; }
}

[ProtoContract]
internal sealed class SpanEventMessage
{
    [ProtoMember(1, DataFormat = DataFormat.FixedSize), JsonNumberHandling(OtlpJson.Text)] public ulong TimeUnixNano { get; set; }
    [ProtoMember(2)] public string? Name { get; set; }
    [ProtoMember(3)] public List<KeyValue>? Attributes { get; set; }
}

[ProtoContract]
internal sealed class SpanLinkMessage
{
    [ProtoMember(1), JsonConverter(typeof(HexConverter))] public byte[]? TraceId { get; set; }
    [ProtoMember(2), JsonConverter(typeof(HexConverter))] public byte[]? SpanId { get; set; }
    [ProtoMember(3)] public string? TraceState { get; set; }
    [ProtoMember(4)] public List<KeyValue>? Attributes { get; set; }
}

[ProtoContract]
internal sealed class StatusMessage
{
    [ProtoMember(2)] public string? Message { get; set; }
    [ProtoMember(3)] public int Code { get; set; }
}
