using Microsoft.Net.Http.Headers;
using TaskFlow.Api.Auth;
using TaskFlow.Api.Database;

namespace TaskFlow.Api.Http;

/// <summary>Refuses early what no handler could serve: requests before the instance is ready, and bodies in an encoding that JSON does not have.</summary>
internal sealed class RequestGuard(RequestDelegate next, SchemaReady schema, KeyRing keys)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint() is not null && !Probes.IsProbe(context))
        {
            if (!schema.IsReady || !keys.IsLoaded) throw new ProblemException(Problems.Unavailable(RetryAfter, "The service is starting."));
            if (MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) && type.Charset.HasValue
                && !type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase) && !type.Charset.Equals("\"utf-8\"", StringComparison.OrdinalIgnoreCase))
            {
                throw new ProblemException(Problems.UnsupportedMediaType());
            }
        }
        return next(context);
    }
}
