using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using TaskFlow.Local.DaprSidecar.Publishing;
using TaskFlow.Local.DaprSidecar.Telemetry;

namespace TaskFlow.Local.DaprSidecar.Api;

/// <summary>Dapr's gRPC API, as far as it goes here.</summary>
internal sealed class DaprService(Publisher publisher, SidecarMetadata metadata, IHostApplicationLifetime lifetime) : DaprServiceBase
{
    public override async Task<Empty> PublishEvent(PublishEventRequest request, ServerCallContext context)
    {
        await PublishAsync(request.PubsubName, request.Topic, [new OutgoingMessage(request.DataContentType, request.Data.Memory, request.Metadata.AsReadOnly())],
            request.Metadata.AsReadOnly(), context);
        return new Empty();
    }

    public override Task<BulkPublishResponse> BulkPublishEventAlpha1(BulkPublishRequest request, ServerCallContext context) => BulkPublishEvent(request, context);

    public override async Task<BulkPublishResponse> BulkPublishEvent(BulkPublishRequest request, ServerCallContext context)
    {
        try
        {
            publisher.Check(request.PubsubName, request.Topic);
            BulkPublishEndpoint.CheckIds(request.Entries.Select(entry => entry.EntryId), request.PubsubName, request.Topic);
        }
        catch (PublishException error)
        {
            throw GrpcErrors.Of(error);
        }
        var ofRequest = request.Metadata.AsReadOnly();
        var messages = request.Entries.Select(entry => new OutgoingMessage(
            entry.ContentType, entry.Event.Memory, BulkPublishEndpoint.Merge(ofRequest, entry.Metadata.Count == 0 ? null : entry.Metadata.AsReadOnly()))).ToList();
        await PublishAsync(request.PubsubName, request.Topic, messages, ofRequest, context);
        return new BulkPublishResponse();
    }

    public override Task<GetMetadataResponse> GetMetadata(GetMetadataRequest request, ServerCallContext context) => Task.FromResult(GrpcMetadata.Answer(metadata));

    public override Task<Empty> SetMetadata(SetMetadataRequest request, ServerCallContext context)
    {
        metadata.Set(request.Key, request.Value);
        return Task.FromResult(new Empty());
    }

    public override Task<Empty> Shutdown(ShutdownRequest request, ServerCallContext context)
    {
        lifetime.StopApplication();
        return Task.FromResult(new Empty());
    }

    private async Task PublishAsync(
        string pubSub, string topic, IReadOnlyList<OutgoingMessage> messages, IReadOnlyDictionary<string, string> ofRequest, ServerCallContext context)
    {
        try
        {
            await publisher.PublishAsync(pubSub, topic, messages, ofRequest, TraceHeaders.Of(context.GetHttpContext().Request.Headers), context.CancellationToken);
        }
        catch (PublishException error)
        {
            throw GrpcErrors.Of(error);
        }
    }
}
