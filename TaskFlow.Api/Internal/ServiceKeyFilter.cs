using System.Security.Cryptography;
using System.Text;
using TaskFlow.Api.Http;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Internal;

/// <summary>Lets services in by their key; two keys are good while one takes the other's place.</summary>
internal sealed class ServiceKeyFilter : IEndpointFilter
{
    private readonly byte[][] _accepted;

    public ServiceKeyFilter(IConfiguration configuration)
    {
        string?[] keys = [configuration[Topology.Settings.ServiceKey], configuration[Topology.Settings.ServiceKeyPrevious]];
        if (string.IsNullOrEmpty(keys[0])) throw new InvalidOperationException($"{Topology.Settings.ServiceKey} must be set: Push shows it to the internal routes.");
        _accepted = [.. keys.Where(key => !string.IsNullOrEmpty(key)).Select(key => Hash(key!))];
    }

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var sent = Hash(context.HttpContext.Request.Headers[Topology.Headers.ServiceKey].ToString());
        // All are compared, so that the time tells nothing.
        var isAccepted = false;
        foreach (var key in _accepted) isAccepted |= CryptographicOperations.FixedTimeEquals(key, sent);
        return isAccepted ? next(context) : ValueTask.FromResult<object?>(Problems.Unauthorized("A service key is needed."));
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
