using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace TaskFlow.Local.DaprSidecar.Api;

/// <summary>
/// The methods of <c>dapr.proto.runtime.v1.Dapr</c> that exist here. Dapr.Protos has the messages but no server base class, so this one is written by hand;
/// every other method of the service is answered UNIMPLEMENTED by the framework.
/// </summary>
[BindServiceMethod(typeof(DaprServiceBase), nameof(Bind))]
internal abstract class DaprServiceBase
{
    public const string ServiceName = "dapr.proto.runtime.v1.Dapr";

    public abstract Task<Empty> PublishEvent(PublishEventRequest request, ServerCallContext context);

    public abstract Task<BulkPublishResponse> BulkPublishEvent(BulkPublishRequest request, ServerCallContext context);

    public abstract Task<BulkPublishResponse> BulkPublishEventAlpha1(BulkPublishRequest request, ServerCallContext context);

    public abstract Task<GetMetadataResponse> GetMetadata(GetMetadataRequest request, ServerCallContext context);

    public abstract Task<Empty> SetMetadata(SetMetadataRequest request, ServerCallContext context);

    public abstract Task<Empty> Shutdown(ShutdownRequest request, ServerCallContext context);

    public static void Bind(ServiceBinderBase binder, DaprServiceBase? service)
    {
        Add(nameof(PublishEvent), PublishEventRequest.Parser, Empty.Parser, service is null ? null : service.PublishEvent);
        Add(nameof(BulkPublishEvent), BulkPublishRequest.Parser, BulkPublishResponse.Parser, service is null ? null : service.BulkPublishEvent);
        Add(nameof(BulkPublishEventAlpha1), BulkPublishRequest.Parser, BulkPublishResponse.Parser, service is null ? null : service.BulkPublishEventAlpha1);
        Add(nameof(GetMetadata), GetMetadataRequest.Parser, GetMetadataResponse.Parser, service is null ? null : service.GetMetadata);
        Add(nameof(SetMetadata), SetMetadataRequest.Parser, Empty.Parser, service is null ? null : service.SetMetadata);
        Add(nameof(Shutdown), ShutdownRequest.Parser, Empty.Parser, service is null ? null : service.Shutdown);

        void Add<TRequest, TResponse>(string name, MessageParser<TRequest> requests, MessageParser<TResponse> responses, UnaryServerMethod<TRequest, TResponse>? handler)
            where TRequest : class, IMessage<TRequest>
            where TResponse : class, IMessage<TResponse> =>
            binder.AddMethod(new Method<TRequest, TResponse>(MethodType.Unary, ServiceName, name, Marshal(requests), Marshal(responses)), handler);
    }

    private static Marshaller<T> Marshal<T>(MessageParser<T> parser) where T : class, IMessage<T> => Marshallers.Create(
        (message, context) =>
        {
            context.SetPayloadLength(message.CalculateSize());
            message.WriteTo(context.GetBufferWriter());
            context.Complete();
        },
        context => parser.ParseFrom(context.PayloadAsReadOnlySequence()));
}
