namespace TaskFlow.Api.Http;

/// <summary>Which limit a route counts against.</summary>
internal enum RateLimitPolicy
{
    /// <summary>Everything without one of its own: per person, or per address where nobody is signed in.</summary>
    General,

    /// <summary>Per address.</summary>
    Login,

    /// <summary>Per address.</summary>
    Register,
}

/// <summary>Requests per minute: settings <c>RateLimits:General</c>, <c>:Login</c>, <c>:Register</c>.</summary>
internal sealed class RateLimitSettings
{
    public const string Section = "RateLimits";

    public int General { get; set; } = 6000;
    public int Login { get; set; } = 5;
    public int Register { get; set; } = 3;

    public bool IsValid => General > 0 && Login > 0 && Register > 0;

    public int Of(RateLimitPolicy policy) => policy switch
    {
        RateLimitPolicy.Login => Login,
        RateLimitPolicy.Register => Register,
        _ => General,
    };
}

internal sealed record RateLimitMetadata(RateLimitPolicy Policy);

/// <summary>Which requests a route does not count.</summary>
internal sealed record UncountedMetadata(Func<HttpRequest, bool> Covers);

internal static class RateLimitExtensions
{
    /// <summary>The route counts against that limit rather than the general one.</summary>
    public static TBuilder LimitRate<TBuilder>(this TBuilder builder, RateLimitPolicy policy) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new RateLimitMetadata(policy));

    /// <summary>The route does not count requests of which this holds.</summary>
    public static TBuilder WithoutRateLimitFor<TBuilder>(this TBuilder builder, Func<HttpRequest, bool> covers) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new UncountedMetadata(covers));
}
