using System.Security.Cryptography;

namespace TaskFlow.Api.Http;

/// <summary>Marks routes whose answers are never kept: those that hand out tokens.</summary>
internal sealed class NotIdempotentMetadata;

/// <summary>
/// Reads the Idempotency-Key of a POST or PATCH and makes it a <see cref="Mutation"/>. It runs before the handler's parameters are bound, since it
/// needs the body's hash: that is taken while the body is read into memory, which the size limit allows.
/// </summary>
internal sealed class IdempotencyMiddleware(RequestDelegate next, SecretBox secrets, TimeProvider time)
{
    public const string Header = "Idempotency-Key";
    private const int MaxLength = 200;

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Headers.TryGetValue(Header, out var values) && IsKeyed(context) && CurrentUser.TryFrom(context.User, out var user))
        {
            if (values is not [{ Length: >= 1 and <= MaxLength } key] || key.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            {
                throw new ProblemException(Problems.Validation(Header, $"Must be one value of 1 to {MaxLength} printable ASCII characters."));
            }
            var request = context.Request;
            var body = await ReadAsync(request, context.RequestAborted);
            var route = $"{request.Method} {request.Path.Value}";
            context.Features.Set(Mutation.Keyed(new IdempotentRequest(user.Id, route, key, SHA256.HashData(body), secrets, time)));
        }
        await next(context);
    }

    private static bool IsKeyed(HttpContext context) =>
        (HttpMethods.IsPost(context.Request.Method) || HttpMethods.IsPatch(context.Request.Method))
        && context.GetEndpoint() is { } endpoint && endpoint.Metadata.GetMetadata<NotIdempotentMetadata>() is null;

    private static async Task<byte[]> ReadAsync(HttpRequest request, CancellationToken ct)
    {
        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, ct);
        var bytes = buffer.ToArray();
        request.Body = new MemoryStream(bytes, writable: false);
        return bytes;
    }
}

internal static class IdempotencyExtensions
{
    /// <summary>The route ignores an Idempotency-Key.</summary>
    public static TBuilder IgnoreIdempotencyKey<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new NotIdempotentMetadata());
}
