using System.Text.Json.Serialization;

namespace TaskFlow.Local.DaprSidecar.Broker;

[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class BrokerJson : JsonSerializerContext;
