using System.Buffers;
using System.Text;

namespace TaskFlow.Api.Http;

/// <summary>Collects what is wrong with a request, by field, so that a caller learns of everything at once.</summary>
/// <example><code>
/// var check = new Validator();
/// var title = check.Text("title", request.Title, 1, 500);
/// check.ThrowIfInvalid();
/// </code></example>
internal sealed class Validator
{
    private static readonly SearchValues<char> Surrogates = SearchValues.Create(
        [.. Enumerable.Range(0xD800, 0x800).Select(code => (char)code)]);

    private Dictionary<string, List<string>>? _errors;

    public bool IsValid => _errors is null;

    /// <summary>A text that must be there. Outer white space is removed; lengths count Unicode characters.</summary>
    public string Text(string field, string? value, int min, int max)
    {
        if (value is null)
        {
            Add(field, "Is required.");
            return "";
        }
        if (!IsStorable(field, value)) return "";
        var text = value.Trim();
        var length = Length(text);
        if (length < min) Add(field, min == 1 ? "Must not be empty." : $"Must have at least {min} characters.");
        if (length > max) Add(field, $"Must have at most {max} characters.");
        return text;
    }

    /// <summary>A text that may be left out, else like <see cref="Text"/>.</summary>
    public string? OptionalText(string field, string? value, int min, int max) => value is null ? null : Text(field, value, min, max);

    /// <summary>A long text, kept as it is, limited in bytes of UTF-8.</summary>
    public string LongText(string field, string? value, int maxBytes, bool required = true)
    {
        if (value is null)
        {
            if (required) Add(field, "Is required.");
            return "";
        }
        if (!IsStorable(field, value)) return "";
        if (required && string.IsNullOrWhiteSpace(value)) Add(field, "Must not be empty.");
        if (Encoding.UTF8.GetByteCount(value) > maxBytes) Add(field, $"Must have at most {maxBytes / 1024} KB.");
        return value;
    }

    /// <summary>One of a fixed set of names.</summary>
    public string OneOf(string field, string? value, params ReadOnlySpan<string> allowed)
    {
        foreach (var name in allowed)
        {
            if (name == value) return name;
        }
        Add(field, value is null ? "Is required." : $"Must be one of {string.Join(", ", allowed!)}.");
        return "";
    }

    public void Add(string field, string message)
    {
        _errors ??= [];
        if (!_errors.TryGetValue(field, out var messages)) _errors[field] = messages = [];
        messages.Add(message);
    }

    /// <summary>Adds an error and returns false unless <paramref name="ok"/>.</summary>
    public bool Require(bool ok, string field, string message)
    {
        if (!ok) Add(field, message);
        return ok;
    }

    public void ThrowIfInvalid()
    {
        if (_errors is { } errors) throw new ProblemException(Problems.Validation(errors.ToDictionary(error => error.Key, error => error.Value.ToArray())));
    }

    /// <summary>Whether Postgres can store the text: no NUL, no half of a surrogate pair. Right-to-left marks and the like are fine: they are text.</summary>
    public bool IsStorable(string field, string value)
    {
        if (value.Contains('\0'))
        {
            Add(field, "Must not contain the NUL character.");
            return false;
        }
        if (!IsWellFormed(value))
        {
            Add(field, "Must not contain unpaired surrogates.");
            return false;
        }
        return true;
    }

    /// <summary>Whether the text could be stored at all, for values where a wrong one simply matches nothing.</summary>
    public static bool IsStorable(string value) => !value.Contains('\0') && IsWellFormed(value);

    private static bool IsWellFormed(ReadOnlySpan<char> text)
    {
        for (var at = text.IndexOfAny(Surrogates); at >= 0; at = text.IndexOfAny(Surrogates))
        {
            if (at + 1 >= text.Length || !char.IsSurrogatePair(text[at], text[at + 1])) return false;
            text = text[(at + 2)..];
        }
        return true;
    }

    private static int Length(ReadOnlySpan<char> text)
    {
        var pairs = 0;
        for (var index = 0; index < text.Length; index++)
        {
            if (char.IsLowSurrogate(text[index])) pairs++;
        }
        return text.Length - pairs;
    }
}
