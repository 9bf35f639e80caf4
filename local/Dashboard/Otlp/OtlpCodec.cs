using ProtoBuf.Meta;
using TaskFlow.Local.Dashboard.Otlp.Contracts;

namespace TaskFlow.Local.Dashboard.Otlp;

/// <summary>Reads and writes OTLP messages as protobuf.</summary>
internal static class OtlpCodec
{
    /// <summary>Values nest (arrays of arrays …): a sender must not be able to run us out of stack.</summary>
    public const int MaxDepth = 64;

    public static readonly RuntimeTypeModel Model = Create();

    private static RuntimeTypeModel Create()
    {
        var model = RuntimeTypeModel.Create("otlp");
        model.MaxDepth = MaxDepth;
        model.Add(typeof(ExportTraceRequest), true);
        model.Add(typeof(ExportLogsRequest), true);
        model.Add(typeof(ExportMetricsRequest), true);
        model.Add(typeof(ExportResponse), true);
        model.Add(typeof(RpcStatus), true);
        return model;
    }
}
