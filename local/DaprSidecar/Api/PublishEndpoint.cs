using TaskFlow.Local.DaprSidecar.Publishing;
using TaskFlow.Local.DaprSidecar.Telemetry;

namespace TaskFlow.Local.DaprSidecar.Api;

/// <summary><c>POST /v1.0/publish/{pubsub}/{topic}</c>: the body is the event's data, or a whole CloudEvent.</summary>
internal static class PublishEndpoint
{
    public static async Task<IResult> HandleAsync(string pubSub, string? topic, HttpRequest request, Publisher publisher, CancellationToken cancellationToken)
    {
        try
        {
            var metadata = HttpApi.MetadataOf(request);
            var data = await RequestBody.ReadAsync(request, pubSub, topic ?? "", cancellationToken);
            await publisher.PublishAsync(
                pubSub, topic ?? "", [new OutgoingMessage(request.ContentType ?? "", data, metadata)], metadata, TraceHeaders.Of(request.Headers), cancellationToken);
            return TypedResults.NoContent();
        }
        catch (PublishException error)
        {
            return HttpApi.Error(error);
        }
    }
}
