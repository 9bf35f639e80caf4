namespace TaskFlow.Local.DaprSidecar.Resiliency;

/// <summary>What holds for one component in one direction.</summary>
internal sealed record Policy(TimeSpan? Timeout, RetryPolicy? Retry, CircuitBreaker? CircuitBreaker)
{
    public static Policy None { get; } = new(null, null, null);
}

/// <summary>The policies of all Resiliency files: inbound are deliveries to the app, outbound are publishes to the broker.</summary>
internal sealed class ResiliencyPolicies(IReadOnlyDictionary<string, (Policy Inbound, Policy Outbound)> components)
{
    public Policy Inbound(string component) => components.TryGetValue(component, out var policies) ? policies.Inbound : Policy.None;

    public Policy Outbound(string component) => components.TryGetValue(component, out var policies) ? policies.Outbound : Policy.None;
}
