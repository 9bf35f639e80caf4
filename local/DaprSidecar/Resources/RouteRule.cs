using System.Text.Json;
using System.Text.RegularExpressions;

namespace TaskFlow.Local.DaprSidecar.Resources;

/// <summary>One route of a subscription. A match is the simple slice of CEL that routing by type needs: <c>event.type == "a" &amp;&amp; event.source != "b"</c>.</summary>
internal sealed partial class RouteRule
{
    private readonly List<(string[] Property, bool Equal, string Value)> _conditions = [];

    private RouteRule(string path, string match)
    {
        Path = path;
        Match = match;
    }

    public string Path { get; }

    /// <summary>Empty for the default route, which matches everything.</summary>
    public string Match { get; }

    public bool NeedsEvent => _conditions.Count > 0;

    /// <summary>Null with a reason when the expression is beyond what is understood here.</summary>
    public static RouteRule? TryCreate(string path, string? match, out string reason)
    {
        reason = "";
        var rule = new RouteRule(path, match?.Trim() ?? "");
        if (rule.Match.Length == 0) return rule;
        foreach (var part in rule.Match.Split("&&", StringSplitOptions.TrimEntries))
        {
            var condition = Condition().Match(part);
            if (!condition.Success)
            {
                reason = $"the match '{rule.Match}' needs daprd; the built-in sidecar knows event.name == \"text\", != and &&";
                return null;
            }
            rule._conditions.Add((condition.Groups["property"].Value.Split('.'), condition.Groups["operator"].Value == "==", condition.Groups["value"].Value));
        }
        return rule;
    }

    public bool Matches(JsonElement cloudEvent) => _conditions.TrueForAll(condition =>
    {
        var found = cloudEvent;
        foreach (var name in condition.Property)
        {
            if (found.ValueKind != JsonValueKind.Object || !found.TryGetProperty(name, out found)) return !condition.Equal;
        }
        return (found.ValueKind == JsonValueKind.String && found.ValueEquals(condition.Value)) == condition.Equal;
    });

    [GeneratedRegex("""^event\.(?<property>\w+(\.\w+)*)\s*(?<operator>==|!=)\s*["'](?<value>[^"'\\]*)["']$""", RegexOptions.CultureInvariant)]
    private static partial Regex Condition();
}
