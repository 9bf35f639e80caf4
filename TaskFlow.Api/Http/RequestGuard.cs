using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using TaskFlow.Api.Auth;
using TaskFlow.Api.Database;

namespace TaskFlow.Api.Http;

/// <summary>Refuses early what no handler could serve: requests before the instance is ready, bodies that are too large or in an encoding that JSON does not have.</summary>
internal sealed class RequestGuard(RequestDelegate next, SchemaReady schema, KeyRing keys)
{
    public const int MaxBodyBytes = 1024 * 1024;

    /// <summary>
    /// What the server itself still accepts. It reads on and throws away what we have refused, so that a client which is still sending gets to read
    /// why; over its own limit it would cut the connection instead.
    /// </summary>
    public const long MaxDrainedBytes = 16 * MaxBodyBytes;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint() is not null && !Probes.IsProbe(context))
        {
            if (!schema.IsReady || !keys.IsLoaded) throw new ProblemException(Problems.Unavailable(RetryAfter, "The service is starting."));
            if (!IsUtf8(context.Request.ContentType)) throw new ProblemException(Problems.UnsupportedMediaType());
            if (context.Request.ContentLength > MaxBodyBytes) throw new ProblemException(Problems.TooLarge());
            if (context.Request.ContentLength is null && context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true })
            {
                await BufferAsync(context.Request, context.RequestAborted);
            }
        }
        await next(context);
    }

    private static bool IsUtf8(string? contentType) => !MediaTypeHeaderValue.TryParse(contentType, out var type) || !type.Charset.HasValue
        || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase);

    /// <summary>A body that comes in chunks tells its length only at its end.</summary>
    private static async Task BufferAsync(HttpRequest request, CancellationToken ct)
    {
        var buffer = new MemoryStream();
        var chunk = new byte[16 * 1024];
        while (await request.Body.ReadAsync(chunk, ct) is > 0 and var count)
        {
            if (buffer.Length + count > MaxBodyBytes) throw new ProblemException(Problems.TooLarge());
            buffer.Write(chunk, 0, count);
        }
        buffer.Position = 0;
        request.Body = buffer;
    }
}
