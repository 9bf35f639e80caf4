using Grpc.Core;
using ProtoBuf.Grpc.Configuration;
using ProtoBuf.Grpc.Server;
using TaskFlow.Local.Dashboard.Otlp.Contracts;
using TaskFlow.Local.Dashboard.Telemetry;

namespace TaskFlow.Local.Dashboard.Otlp;

[Service("opentelemetry.proto.collector.trace.v1.TraceService")]
internal interface ITraceService
{
    [Operation("Export")]
    ValueTask<ExportResponse> Export(ExportTraceRequest request);
}

[Service("opentelemetry.proto.collector.logs.v1.LogsService")]
internal interface ILogsService
{
    [Operation("Export")]
    ValueTask<ExportResponse> Export(ExportLogsRequest request);
}

[Service("opentelemetry.proto.collector.metrics.v1.MetricsService")]
internal interface IMetricsService
{
    [Operation("Export")]
    ValueTask<ExportResponse> Export(ExportMetricsRequest request);
}

internal sealed class TraceService(Receiver receiver) : ITraceService
{
    public ValueTask<ExportResponse> Export(ExportTraceRequest request) => new(receiver.Take(request));
}

internal sealed class LogsService(Receiver receiver) : ILogsService
{
    public ValueTask<ExportResponse> Export(ExportLogsRequest request) => new(receiver.Take(request));
}

internal sealed class MetricsService(Receiver receiver) : IMetricsService
{
    public ValueTask<ExportResponse> Export(ExportMetricsRequest request) => new(receiver.Take(request));
}

internal static class OtlpGrpc
{
    public static void AddOtlpGrpc(this IServiceCollection services, DashboardOptions options)
    {
        services.AddCodeFirstGrpc(grpc => grpc.MaxReceiveMessageSize = options.MaxMessageBytes);
        services.AddSingleton(provider => BinderConfiguration.Create([new OtlpMarshallers(provider.GetRequiredService<TelemetryStore>())]));
    }

    public static void MapOtlpGrpc(this IEndpointRouteBuilder app)
    {
        app.MapGrpcService<TraceService>();
        app.MapGrpcService<LogsService>();
        app.MapGrpcService<MetricsService>();
    }

    /// <summary>A message that is no OTLP is the sender's mistake: counted, and answered so that an exporter does not retry it.</summary>
    private sealed class OtlpMarshallers(TelemetryStore store) : MarshallerFactory
    {
        protected override bool CanSerialize(Type type) => OtlpCodec.Model.CanSerializeContractType(type);

        protected override Marshaller<T> CreateMarshaller<T>() => new(Write, Read<T>);

        private static void Write<T>(T value, SerializationContext context)
        {
            OtlpCodec.Model.Serialize(context.GetBufferWriter(), value);
            context.Complete();
        }

        private T Read<T>(DeserializationContext context)
        {
            try
            {
                return OtlpCodec.Model.Deserialize<T>(context.PayloadAsReadOnlySequence());
            }
            catch (Exception)
            {
                // The reader throws whatever it stumbles over; all of it means that the bytes are no such message.
                store.Refuse(1, $"a gRPC message that is no {typeof(T).Name}");
                throw new RpcException(new Status(StatusCode.InvalidArgument, "The message is not valid OTLP."));
            }
        }
    }
}
