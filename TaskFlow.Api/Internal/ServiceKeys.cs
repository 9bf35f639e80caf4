using System.Security.Cryptography;
using System.Text;
using TaskFlow.Api.Http;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Internal;

/// <summary>The keys by which services show who they are; two are good while one takes the other's place.</summary>
internal sealed class ServiceKeys
{
    private readonly byte[][] _accepted;

    public ServiceKeys(IConfiguration configuration)
    {
        string?[] keys = [configuration[Topology.Settings.ServiceKey], configuration[Topology.Settings.ServiceKeyPrevious]];
        if (string.IsNullOrEmpty(keys[0])) throw new InvalidOperationException($"{Topology.Settings.ServiceKey} must be set: Push shows it to the internal routes.");
        _accepted = [.. keys.Where(key => !string.IsNullOrEmpty(key)).Select(key => Hash(key!))];
    }

    public bool AreShownBy(HttpRequest request)
    {
        var sent = Hash(request.Headers[Topology.Headers.ServiceKey].ToString());
        // All are compared, so that the time tells nothing.
        var isAccepted = false;
        foreach (var key in _accepted) isAccepted |= CryptographicOperations.FixedTimeEquals(key, sent);
        return isAccepted;
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}

internal static class ServiceKeyExtensions
{
    /// <summary>
    /// Lets services in by their key and does not count them; everybody else is counted and gets 401. Not an endpoint filter, which would run after the
    /// body was read.
    /// </summary>
    public static TBuilder RequireServiceKey<TBuilder>(this TBuilder endpoints, ServiceKeys keys) where TBuilder : IEndpointConventionBuilder
    {
        endpoints.WithoutRateLimitFor(keys.AreShownBy);
        endpoints.Add(endpoint =>
        {
            var run = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = context => keys.AreShownBy(context.Request)
                ? run(context)
                : ProblemExceptionHandler.WriteAsync(context, Problems.Unauthorized("A service key is needed."));
        });
        return endpoints;
    }
}
