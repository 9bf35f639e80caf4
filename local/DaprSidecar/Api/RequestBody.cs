using TaskFlow.Local.DaprSidecar.Publishing;

namespace TaskFlow.Local.DaprSidecar.Api;

internal static class RequestBody
{
    /// <summary>The whole body; one that is too large fails as a publish, as with daprd.</summary>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, string pubSub, string topic, CancellationToken cancellationToken)
    {
        try
        {
            // No more is set aside on the caller's word than any message is likely to have.
            if (request.ContentLength is { } length and > 0 and <= 1 << 20)
            {
                var body = new byte[length];
                await request.Body.ReadExactlyAsync(body, cancellationToken);
                return body;
            }
            using var buffer = new MemoryStream();
            await request.Body.CopyToAsync(buffer, cancellationToken);
            return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
        }
        catch (BadHttpRequestException error)
        {
            throw PublishException.Failed(pubSub, topic, error.Message);
        }
    }
}
