using TaskFlow.Local.DaprSidecar.Resources;

namespace TaskFlow.Local.DaprSidecar.Resiliency;

/// <summary>Reads Resiliency files. Targets other than components concern parts of Dapr that are not here.</summary>
internal static class ResiliencyFile
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(60);

    public static ResiliencyPolicies Read(IEnumerable<ResourceDocument> documents)
    {
        var components = new Dictionary<string, (Policy Inbound, Policy Outbound)>();
        foreach (var document in documents)
        {
            var spec = document.Root.Map("spec").Only("policies", "targets");
            var policies = Policies.Read(spec.OptionalMap("policies")?.Only("timeouts", "retries", "circuitBreakers"));
            var targets = spec.OptionalMap("targets")?.Only("apps", "actors", "components")?.OptionalMap("components");
            foreach (var name in targets?.Keys ?? [])
            {
                var component = targets!.Map(name).Only("inbound", "outbound");
                components[name] = (policies.Of(component.OptionalMap("inbound")), policies.Of(component.OptionalMap("outbound")));
            }
        }
        return new ResiliencyPolicies(components);
    }

    private sealed record Policies(Dictionary<string, TimeSpan> Timeouts, Dictionary<string, RetryPolicy> Retries, Dictionary<string, Func<CircuitBreaker>> CircuitBreakers)
    {
        public static Policies Read(YamlMap? policies)
        {
            var read = new Policies([], [], []);
            if (policies?.OptionalMap("timeouts") is { } timeouts)
            {
                foreach (var name in timeouts.Keys) read.Timeouts[name] = timeouts.OptionalDuration(name) ?? throw timeouts.Error(name, "is missing");
            }
            if (policies?.OptionalMap("retries") is { } retries)
            {
                foreach (var name in retries.Keys) read.Retries[name] = ReadRetry(retries.Map(name));
            }
            if (policies?.OptionalMap("circuitBreakers") is { } breakers)
            {
                foreach (var name in breakers.Keys) read.CircuitBreakers[name] = ReadBreaker(name, breakers.Map(name));
            }
            return read;
        }

        public Policy Of(YamlMap? names)
        {
            if (names is null) return Policy.None;
            names.Only("timeout", "retry", "circuitBreaker");
            return new Policy(
                Named(names, "timeout", Timeouts) is { Ticks: > 0 } timeout ? timeout : null,
                Named(names, "retry", Retries),
                Named(names, "circuitBreaker", CircuitBreakers)?.Invoke());
        }

        private static T? Named<T>(YamlMap names, string field, Dictionary<string, T> policies)
        {
            if (names.OptionalText(field) is not { Length: > 0 } name) return default;
            return policies.TryGetValue(name, out var policy) ? policy : throw names.Error(field, $"names '{name}', but there is no such policy in this file");
        }

        private static RetryPolicy ReadRetry(YamlMap retry)
        {
            retry.Only("policy", "duration", "maxInterval", "maxRetries", "matching");
            var kind = retry.OptionalText("policy") ?? "constant";
            if (kind is not ("constant" or "exponential")) throw retry.Error("policy", $"'{kind}' is neither constant nor exponential");
            var matching = retry.OptionalMap("matching")?.Only("httpStatusCodes", "gRPCStatusCodes");
            var codes = matching?.OptionalText("httpStatusCodes") is { Length: > 0 } text
                ? StatusCodes.TryParse(text) ?? throw matching.Error("httpStatusCodes", $"'{text}' is not a list such as 429,500-599")
                : null;
            return new RetryPolicy(kind == "exponential", retry.OptionalDuration("duration") ?? TimeSpan.FromSeconds(5),
                retry.OptionalDuration("maxInterval") ?? LongestPause, retry.OptionalNumber("maxRetries", -1) ?? -1, codes);
        }

        private static Func<CircuitBreaker> ReadBreaker(string name, YamlMap breaker)
        {
            breaker.Only("maxRequests", "interval", "timeout", "trip");
            var trip = breaker.OptionalText("trip") is { Length: > 0 } text
                ? TripCondition.TryParse(text) ?? throw breaker.Error("trip", $"'{text}' needs daprd; the built-in sidecar knows one comparison such as consecutiveFailures > 5")
                : TripCondition.Default;
            var maxRequests = Math.Max(1, breaker.OptionalNumber("maxRequests", 0) ?? 1);
            var interval = breaker.OptionalDuration("interval") ?? TimeSpan.Zero;
            var timeout = breaker.OptionalDuration("timeout") is { Ticks: > 0 } given ? given : TimeSpan.FromSeconds(60);
            // Each component counts for itself.
            return () => new CircuitBreaker(name, maxRequests, interval, timeout, trip, TimeProvider.System);
        }
    }
}
