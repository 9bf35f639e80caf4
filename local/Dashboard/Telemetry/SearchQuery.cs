using System.Globalization;

namespace TaskFlow.Local.Dashboard.Telemetry;

/// <summary>
/// What is typed into a search box or given as <c>?search=</c>, in the Aspire dashboard's language: words and "quoted words" must all occur;
/// <c>name:value</c> looks at one field, <c>@attribute:value</c> at an attribute, <c>-</c> in front means not, and <c>duration:&gt;=5</c> compares numbers.
/// </summary>
internal sealed class SearchQuery
{
    private readonly List<Term> _terms = [];

    /// <param name="text">The query as typed.</param>
    /// <param name="isField">Says whether a name is a field; what is none counts as a word, such as <c>http://x</c>.</param>
    public SearchQuery(string? text, Func<string, bool> isField)
    {
        foreach (var (token, isNegated, isQuoted) in Tokens(text ?? "")) _terms.Add(isQuoted ? new Term(null, false, isNegated, "", token) : Parse(token, isNegated, isField));
    }

    public bool IsEmpty => _terms.Count == 0;

    /// <summary>True when every term fits: <paramref name="field"/> gives a field's text, <paramref name="texts"/> all that words are looked up in.</summary>
    public bool Matches(Func<string, string?> field, Tag[] attributes, Func<string, bool> texts)
    {
        foreach (var term in _terms)
        {
            var found = term switch
            {
                { Key: null } => texts(term.Value) || attributes.Any(tag => Contains(tag.Value, term.Value)),
                { IsAttribute: true } => attributes.Any(tag => tag.Key.Equals(term.Key, StringComparison.OrdinalIgnoreCase) && term.Fits(tag.Value)),
                _ => term.Fits(field(term.Key)),
            };
            if (found == term.IsNegated) return false;
        }
        return true;
    }

    public static bool Contains(string? text, string part) => text?.Contains(part, StringComparison.OrdinalIgnoreCase) ?? false;

    private static Term Parse(string token, bool isNegated, Func<string, bool> isField)
    {
        var rest = token.AsSpan();
        var isAttribute = rest.Length > 1 && rest[0] == '@';
        if (isAttribute) rest = rest[1..];
        var colon = rest.IndexOf(':');
        if (colon <= 0 || colon == rest.Length - 1) return new Term(null, false, isNegated, "", token);
        var key = rest[..colon].ToString().ToLowerInvariant();
        if (!isAttribute && !isField(key)) return new Term(null, false, isNegated, "", token);
        var value = rest[(colon + 1)..];
        var comparison = value switch { ['>', '=', ..] => ">=", ['<', '=', ..] => "<=", ['>', ..] => ">", ['<', ..] => "<", _ => "" };
        return new Term(key, isAttribute, isNegated, comparison, value[comparison.Length..].ToString());
    }

    /// <summary>Splits at blanks; quotes hold a text together, at the start of a token or behind its colon. A lone <c>-</c> is a word.</summary>
    private static IEnumerable<(string Token, bool IsNegated, bool IsQuoted)> Tokens(string text)
    {
        for (var i = 0; i < text.Length;)
        {
            if (char.IsWhiteSpace(text[i]))
            {
                i++;
                continue;
            }
            var isNegated = text[i] == '-' && i + 1 < text.Length && !char.IsWhiteSpace(text[i + 1]);
            if (isNegated) i++;
            var start = i;
            var token = new System.Text.StringBuilder();
            var inQuotes = false;
            for (; i < text.Length && (inQuotes || !char.IsWhiteSpace(text[i])); i++)
            {
                if (text[i] == '"') inQuotes = !inQuotes;
                else token.Append(text[i]);
            }
            if (token.Length > 0) yield return (token.ToString(), isNegated, text[start] == '"');
        }
    }

    private sealed record Term(string? Key, bool IsAttribute, bool IsNegated, string Comparison, string Value)
    {
        public bool Fits(string? text)
        {
            if (text is null) return false;
            if (Comparison.Length == 0) return Contains(text, Value);
            if (!double.TryParse(text, CultureInfo.InvariantCulture, out var left)
                || !double.TryParse(Value, CultureInfo.InvariantCulture, out var right)) return false;
            return Comparison switch { ">" => left > right, ">=" => left >= right, "<" => left < right, _ => left <= right };
        }
    }
}
