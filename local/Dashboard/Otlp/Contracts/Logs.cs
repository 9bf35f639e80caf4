using System.Text.Json.Serialization;
using ProtoBuf;

namespace TaskFlow.Local.Dashboard.Otlp.Contracts;

[ProtoContract]
internal sealed class ExportLogsRequest
{
    [ProtoMember(1)] public List<ResourceLogs>? ResourceLogs { get; set; }
}

[ProtoContract]
internal sealed class ResourceLogs
{
    [ProtoMember(1)] public ResourceMessage? Resource { get; set; }
    [ProtoMember(2)] public List<ScopeLogs>? ScopeLogs { get; set; }
}

[ProtoContract]
internal sealed class ScopeLogs
{
    [ProtoMember(1)] public InstrumentationScope? Scope { get; set; }
    [ProtoMember(2)] public List<LogRecordMessage>? LogRecords { get; set; }
}

[ProtoContract]
internal sealed class LogRecordMessage
{
    [ProtoMember(1, DataFormat = DataFormat.FixedSize), JsonNumberHandling(OtlpJson.Text)] public ulong TimeUnixNano { get; set; }
    [ProtoMember(2)] public int SeverityNumber { get; set; }
    [ProtoMember(3)] public string? SeverityText { get; set; }
    [ProtoMember(5)] public AnyValue? Body { get; set; }
    [ProtoMember(6)] public List<KeyValue>? Attributes { get; set; }
    [ProtoMember(8, DataFormat = DataFormat.FixedSize)] public uint Flags { get; set; }
    [ProtoMember(9), JsonConverter(typeof(HexConverter))] public byte[]? TraceId { get; set; }
    [ProtoMember(10), JsonConverter(typeof(HexConverter))] public byte[]? SpanId { get; set; }
    [ProtoMember(11, DataFormat = DataFormat.FixedSize), JsonNumberHandling(OtlpJson.Text)] public ulong ObservedTimeUnixNano { get; set; }
    [ProtoMember(12)] public string? EventName { get; set; }
}
