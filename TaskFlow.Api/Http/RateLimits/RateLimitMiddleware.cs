using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace TaskFlow.Api.Http;

/// <summary>
/// Holds callers to the limits and tells them where they stand, by the RateLimit and RateLimit-Policy fields of draft-ietf-httpapi-ratelimit-headers.
/// It runs after authentication (whom to count) and before authorization, so that anonymous floods are counted too.
/// </summary>
internal sealed class RateLimitMiddleware(RequestDelegate next, RateLimiter limiter, IOptions<RateLimitSettings> options)
{
    private readonly RateLimitSettings _settings = options.Value;

    public async Task InvokeAsync(HttpContext context)
    {
        var metadata = context.GetEndpoint()?.Metadata;
        if (metadata is null || Probes.IsProbe(context) || metadata.GetMetadata<UncountedMetadata>()?.Covers(context.Request) == true)
        {
            await next(context);
            return;
        }
        var policy = metadata.GetMetadata<RateLimitMetadata>()?.Policy ?? RateLimitPolicy.General;
        var name = NameOf(policy);
        var limit = _settings.Of(policy);
        var decision = await limiter.CountAsync($"{name}:{PartitionOf(context, policy)}", limit);
        // The exception handler clears headers that are set at once.
        context.Response.OnStarting(() =>
        {
            var headers = context.Response.Headers;
            headers["RateLimit-Policy"] = $"\"{name}\";q={limit};w={(int)SlidingWindow.Length.TotalSeconds}";
            headers["RateLimit"] = $"\"{name}\";r={decision.Remaining};t={decision.Seconds}";
            if (!decision.IsAllowed) headers.RetryAfter = decision.Seconds.ToString();
            return Task.CompletedTask;
        });
        if (decision.IsAllowed) await next(context);
        else await ProblemExceptionHandler.WriteAsync(context, Problems.RateLimited());
    }

    private static string NameOf(RateLimitPolicy policy) => policy switch
    {
        RateLimitPolicy.Login => "login",
        RateLimitPolicy.Register => "register",
        _ => "general",
    };

    private static string PartitionOf(HttpContext context, RateLimitPolicy policy) =>
        policy == RateLimitPolicy.General && CurrentUser.TryFrom(context.User, out var user) ? user.Id.ToString() : AddressOf(context.Connection.RemoteIpAddress);

    /// <summary>An IPv6 subscriber has a whole /64: counting single addresses would count nothing.</summary>
    private static string AddressOf(IPAddress? address)
    {
        if (address is null) return "unknown";
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return address.ToString();
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return new IPAddress(bytes).ToString();
    }
}
