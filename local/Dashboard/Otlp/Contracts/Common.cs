using System.Text.Json.Serialization;
using ProtoBuf;

namespace TaskFlow.Local.Dashboard.Otlp.Contracts;

// The messages of the OpenTelemetry protocol, code-first: field numbers from opentelemetry-proto 1.x (common.proto, resource.proto).
// The same classes read and write OTLP/JSON, whose ids are hexadecimal and whose 64-bit numbers may be texts.

[ProtoContract]
internal sealed class AnyValue
{
    [ProtoMember(1)] public string? StringValue { get; set; }
    [ProtoMember(2)] public bool? BoolValue { get; set; }
    [ProtoMember(3), JsonNumberHandling(OtlpJson.Text)] public long? IntValue { get; set; }
    [ProtoMember(4)] public double? DoubleValue { get; set; }
    [ProtoMember(5)] public ArrayValue? ArrayValue { get; set; }
    [ProtoMember(6)] public KeyValueList? KvlistValue { get; set; }
    [ProtoMember(7)] public byte[]? BytesValue { get; set; }
}

[ProtoContract]
internal sealed class ArrayValue
{
    [ProtoMember(1)] public List<AnyValue>? Values { get; set; }
}

[ProtoContract]
internal sealed class KeyValueList
{
    [ProtoMember(1)] public List<KeyValue>? Values { get; set; }
}

[ProtoContract]
internal sealed class KeyValue
{
    [ProtoMember(1)] public string? Key { get; set; }
    [ProtoMember(2)] public AnyValue? Value { get; set; }
}

[ProtoContract]
internal sealed class InstrumentationScope
{
    [ProtoMember(1)] public string? Name { get; set; }
    [ProtoMember(2)] public string? Version { get; set; }
    [ProtoMember(3)] public List<KeyValue>? Attributes { get; set; }
}

[ProtoContract]
internal sealed class ResourceMessage
{
    [ProtoMember(1)] public List<KeyValue>? Attributes { get; set; }
}

/// <summary>What a receiver answers when it took only a part: field 1 of every export response.</summary>
[ProtoContract]
internal sealed class ExportResponse
{
    [ProtoMember(1)] public PartialSuccess? PartialSuccess { get; set; }
}

/// <summary>Field 1 is rejected_spans, rejected_log_records or rejected_data_points: the same shape in all three signals.</summary>
[ProtoContract]
internal sealed class PartialSuccess
{
    [ProtoMember(1), JsonIgnore] public long Rejected { get; set; }
    [ProtoMember(2)] public string? ErrorMessage { get; set; }
}

/// <summary>google.rpc.Status: the body of an OTLP/HTTP error.</summary>
[ProtoContract]
internal sealed class RpcStatus
{
    [ProtoMember(1)] public int Code { get; set; }
    [ProtoMember(2)] public string? Message { get; set; }
}
