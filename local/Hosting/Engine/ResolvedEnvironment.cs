using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Engine;

/// <summary>The environment variables of one process, resolved, and which of them must not be shown.</summary>
internal sealed class ResolvedEnvironment
{
    private readonly HashSet<string> _secrets = [];

    public Dictionary<string, string> Values { get; } = [];

    public static async Task<ResolvedEnvironment> OfAsync(Replica replica, Orchestrator orchestrator, CancellationToken cancellationToken)
    {
        var context = new EnvironmentCallbackContext(orchestrator.ExecutionContext, replica.Resource, cancellationToken: cancellationToken);
        foreach (var annotation in replica.Resource.Annotations.OfType<EnvironmentCallbackAnnotation>().ToList())
        {
            await annotation.Callback(context).ConfigureAwait(false);
        }
        var resolved = new ResolvedEnvironment();
        foreach (var (name, value) in context.EnvironmentVariables)
        {
            resolved.Values[name] = value switch
            {
                IValueProvider provider => await provider.GetValueAsync(cancellationToken).ConfigureAwait(false) ?? "",
                _ => value.ToString() ?? "",
            };
            if (value is ParameterResource { Secret: true } or IResourceWithConnectionString or ISecretValue) resolved._secrets.Add(name);
        }
        return resolved;
    }

    public IReadOnlyDictionary<string, string> Masked => Values.OrderBy(pair => pair.Key, StringComparer.Ordinal)
        .ToDictionary(pair => pair.Key, pair => _secrets.Contains(pair.Key) ? "********" : pair.Value);
}

/// <summary>A value that holds a secret without being one, such as a URI with a password.</summary>
internal interface ISecretValue : IValueProvider;
