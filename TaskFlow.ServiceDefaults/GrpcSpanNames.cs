using System.Diagnostics;
using OpenTelemetry;

namespace TaskFlow.ServiceDefaults;

/// <summary>
/// Grpc.Net.Client calls each of its spans <c>Grpc.Net.Client.GrpcOut</c>; the semantic conventions ask for service and method. The official
/// instrumentation does this and more, but has no stable version.
/// </summary>
internal sealed class GrpcSpanNames : BaseProcessor<Activity>
{
    public override void OnEnd(Activity data)
    {
        if (data.OperationName != "Grpc.Net.Client.GrpcOut" || data.GetTagItem("grpc.method") is not string path) return;
        var method = path.TrimStart('/');
        data.DisplayName = method;
        data.SetTag("grpc.method", null).SetTag("rpc.system", "grpc");
        if (method.Split('/') is [var service, var name]) data.SetTag("rpc.service", service).SetTag("rpc.method", name);
        if (data.GetTagItem("grpc.status_code") is not string status || !int.TryParse(status, out var code)) return;
        data.SetTag("grpc.status_code", null).SetTag("rpc.grpc.status_code", code);
    }
}
