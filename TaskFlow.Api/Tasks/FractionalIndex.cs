using System.Text;

namespace TaskFlow.Api.Tasks;

/// <summary>
/// Positions of tasks: strings that sort by their characters and between any two of which there is room for another one. What is made here
/// are order keys as the well-known fractional-indexing libraries make them: an integer part whose first letter says its length
/// (<c>a0</c> … <c>az</c>, <c>b00</c> …), so that appending does not make keys longer, and a fraction in base 62. What clients send may be any
/// printable text.
/// </summary>
internal static class FractionalIndex
{
    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const string First = "a0";

    /// <summary>A key between two neighbours, null standing for none; null when no string made of digits lies between them.</summary>
    public static string? Between(string? low, string? high) => (low, high) switch
    {
        (null, null) => First,
        (_, null) => Next(low) ?? Middle(low, null),
        (null, _) => Previous(high) ?? Middle("", high),
        _ => Middle(low, high),
    };

    /// <summary>Several keys between two neighbours, in order and as short as they can be; null when there is no room.</summary>
    public static string[]? Spread(string? low, string? high, int count)
    {
        var keys = new string[count];
        return Fill(keys, low, high) ? keys : null;
    }

    private static bool Fill(Span<string> keys, string? low, string? high)
    {
        if (keys.IsEmpty) return true;
        // With an open end, counting gives shorter keys than halving.
        var at = high is null ? 0 : low is null ? keys.Length - 1 : keys.Length / 2;
        for (var (from, to) = (0, keys.Length); from < to;)
        {
            if (Between(low, high) is not { } key) return false;
            keys[at] = key;
            if (low is not null && high is not null) return Fill(keys[..at], low, key) && Fill(keys[(at + 1)..], key, high);
            if (high is null) (low, from, at) = (key, at + 1, at + 1);
            else (high, to, at) = (key, at, at - 1);
        }
        return true;
    }

    /// <summary>The next integer above a key; null when the key has no integer part or it is the largest.</summary>
    private static string? Next(string key)
    {
        if (IntegerLength(key) is not { } length) return null;
        var integer = key[..length].ToCharArray();
        for (var i = length - 1; i > 0; i--)
        {
            var digit = Digits.IndexOf(integer[i]) + 1;
            integer[i] = Digits[digit % Digits.Length];
            if (digit < Digits.Length) return new string(integer);
        }
        return integer[0] switch
        {
            'Z' => First,
            'z' => null,
            >= 'a' => (char)(integer[0] + 1) + new string('0', length),
            _ => (char)(integer[0] + 1) + new string('0', length - 2),
        };
    }

    /// <summary>The next integer below a key; null when the key has no integer part or it is the smallest.</summary>
    private static string? Previous(string key)
    {
        if (IntegerLength(key) is not { } length) return null;
        if (key.Length > length) return key[..length];
        var integer = key.ToCharArray();
        for (var i = length - 1; i > 0; i--)
        {
            var digit = Digits.IndexOf(integer[i]) - 1;
            integer[i] = Digits[(digit + Digits.Length) % Digits.Length];
            if (digit >= 0) return new string(integer);
        }
        return integer[0] switch
        {
            'a' => "Zz",
            'A' => null,
            > 'a' => (char)(integer[0] - 1) + new string('z', length - 2),
            _ => (char)(integer[0] - 1) + new string('z', length),
        };
    }

    private static int? IntegerLength(string key)
    {
        if (key is "") return null;
        var length = key[0] switch
        {
            >= 'a' and <= 'z' => key[0] - 'a' + 2,
            >= 'A' and <= 'Z' => 'Z' - key[0] + 2,
            _ => int.MaxValue,
        };
        return key.Length >= length && !key.AsSpan(1, length - 1).ContainsAnyExcept(Digits) ? length : null;
    }

    /// <summary>
    /// A string between two: the common start, then a digit from the middle of what lies between. Never ends in the smallest digit,
    /// below which nothing would fit.
    /// </summary>
    private static string? Middle(string low, string? high)
    {
        var key = new StringBuilder();
        for (var i = 0; ; i++)
        {
            char? from = i < low.Length ? low[i] : null;
            if (high is not null && i >= high.Length) return null;
            char? to = high?[i];

            var first = from is null ? 1 : Math.Max(1, CountUpTo(from.Value));
            var last = to is null ? Digits.Length - 1 : CountBelow(to.Value) - 1;
            if (first <= last) return key.Append(Digits[(first + last + 1) / 2]).ToString();

            if (from is not null)
            {
                key.Append(from.Value);
                if (to > from) high = null;
                else if (to < from) return null;
            }
            else if (to > Digits[0])
            {
                key.Append(Digits[0]);
                high = null;
            }
            else
            {
                key.Append(to!.Value);
            }
        }

        static int CountUpTo(char bound) => Digits.Count(digit => digit <= bound);
        static int CountBelow(char bound) => Digits.Count(digit => digit < bound);
    }
}
