using System.Globalization;
using System.Text.RegularExpressions;

namespace TaskFlow.Local.DaprSidecar.Resiliency;

/// <summary>When a circuit breaker opens: one counter compared with a number, the form such conditions have in practice.</summary>
internal sealed partial class TripCondition(Func<Counts, int> counter, Func<int, int, bool> comparison, int limit)
{
    public static TripCondition Default { get; } = new(counts => counts.ConsecutiveFailures, (a, b) => a > b, 5);

    public bool IsMetBy(Counts counts) => comparison(counter(counts), limit);

    public static TripCondition? TryParse(string text)
    {
        var match = Comparison().Match(text);
        if (!match.Success) return null;
        Func<Counts, int> counter = match.Groups["counter"].Value switch
        {
            "requests" => counts => counts.Requests,
            "totalSuccesses" => counts => counts.Successes,
            "totalFailures" => counts => counts.Failures,
            "consecutiveSuccesses" => counts => counts.ConsecutiveSuccesses,
            _ => counts => counts.ConsecutiveFailures,
        };
        Func<int, int, bool> comparison = match.Groups["operator"].Value switch
        {
            ">" => (a, b) => a > b,
            ">=" => (a, b) => a >= b,
            "<" => (a, b) => a < b,
            "<=" => (a, b) => a <= b,
            _ => (a, b) => a == b,
        };
        return int.TryParse(match.Groups["limit"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? new TripCondition(counter, comparison, limit) : null;
    }

    [GeneratedRegex(@"^\s*(?<counter>requests|totalSuccesses|totalFailures|consecutiveSuccesses|consecutiveFailures)\s*(?<operator>>=|<=|==|>|<)\s*(?<limit>\d+)\s*$",
        RegexOptions.CultureInvariant)]
    private static partial Regex Comparison();
}
