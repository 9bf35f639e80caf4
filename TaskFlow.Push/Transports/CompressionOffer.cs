using Microsoft.Extensions.Primitives;

namespace TaskFlow.Push.Transports;

/// <summary>
/// The handshake of permessage-deflate (RFC 7692, 5 and 7.1). Neither side may refer to earlier messages: only so is a compressed frame the same
/// for every connection, and only so does a connection keep no state for it.
/// </summary>
internal static class CompressionOffer
{
    private const string Extension = "permessage-deflate";
    private const string Terms = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
    private const string FullWindow = "; server_max_window_bits=15";
    private const int ServerTakeover = 1, ClientTakeover = 2, ServerWindow = 4, ClientWindow = 8;

    /// <summary>The answer to the first offer that can be taken; null when there is none, or when the header cannot be read.</summary>
    public static string? Answer(StringValues header)
    {
        var rest = header.ToString().AsSpan();
        string? answer = null;
        while (true)
        {
            rest = rest.TrimStart(" \t,");
            if (rest.IsEmpty) return answer;
            if (!TryReadOffer(ref rest, out var taken)) return null;
            answer ??= taken;
        }
    }

    /// <summary>Reads one offer with its parameters; false when it is not written as one.</summary>
    private static bool TryReadOffer(scoped ref ReadOnlySpan<char> rest, out string? answer)
    {
        answer = null;
        if (!TryReadToken(ref rest, out var name)) return false;
        var acceptable = name.SequenceEqual(Extension);
        var seen = 0;
        while (!rest.IsEmpty && rest[0] == ';')
        {
            rest = rest[1..].TrimStart(" \t");
            if (!TryReadToken(ref rest, out var parameter)) return false;
            ReadOnlySpan<char> value = default;
            if (!rest.IsEmpty && rest[0] == '=')
            {
                rest = rest[1..].TrimStart(" \t");
                if (!TryReadValue(ref rest, out value)) return false;
            }
            var bit = Accept(parameter, value);
            acceptable = acceptable && bit != 0 && (seen & bit) == 0;
            seen |= bit;
        }
        if (!rest.IsEmpty && rest[0] != ',') return false;
        if (acceptable) answer = (seen & ServerWindow) != 0 ? Terms + FullWindow : Terms;
        return true;
    }

    /// <summary>The bit of a parameter that can be taken with that value (empty: it has none); else 0.</summary>
    private static int Accept(ReadOnlySpan<char> parameter, ReadOnlySpan<char> value) => parameter switch
    {
        "server_no_context_takeover" when value.IsEmpty => ServerTakeover,
        "client_no_context_takeover" when value.IsEmpty => ClientTakeover,
        // Compressed for all at once, with the full window: a client that can only keep a smaller one cannot read it.
        "server_max_window_bits" when value is "15" => ServerWindow,
        // A hint at what the client could be asked for; whatever it uses, it can be read here.
        "client_max_window_bits" when value.IsEmpty || value is "8" or "9" or "10" or "11" or "12" or "13" or "14" or "15" => ClientWindow,
        _ => 0,
    };

    private static bool TryReadToken(scoped ref ReadOnlySpan<char> rest, out ReadOnlySpan<char> token)
    {
        var length = 0;
        while (length < rest.Length && (char.IsAsciiLetterOrDigit(rest[length]) || "!#$%&'*+-.^_`|~".Contains(rest[length]))) length++;
        token = rest[..length];
        rest = rest[length..].TrimStart(" \t");
        return length > 0;
    }

    /// <summary>A token, or a quoted string that holds one (RFC 6455, 9.1).</summary>
    private static bool TryReadValue(scoped ref ReadOnlySpan<char> rest, out ReadOnlySpan<char> value)
    {
        if (rest.IsEmpty || rest[0] != '"') return TryReadToken(ref rest, out value);
        rest = rest[1..];
        if (!TryReadToken(ref rest, out value) || rest.IsEmpty || rest[0] != '"') return false;
        rest = rest[1..].TrimStart(" \t");
        return true;
    }
}
