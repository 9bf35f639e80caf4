using System.Globalization;
using Npgsql;
using TaskFlow.Api.Database;
using TaskFlow.Api.Http;

namespace TaskFlow.Api.Notifications;

/// <summary>Somebody who can be named.</summary>
internal sealed record Mentionable(Guid UserId, string Name, string Email);

/// <summary>
/// Finds who a text names: <c>@Full Name</c> or <c>@e-mail</c> in any case, up to a word's end. The longest name wins, so <c>@Ann Lee</c> does
/// not name Ann; namesakes are all named.
/// </summary>
internal static class Mentions
{
    /// <summary>How many people one change may tell. Their notifications travel in its event, which has to fit into one message to the sidecar.</summary>
    public const int MaxNew = 200;

    /// <summary>Everybody in the workspace who is named in one text and not in the other. Throws a 400 on the field when they are more than <see cref="MaxNew"/>.</summary>
    public static async Task<IReadOnlyCollection<Guid>> FindNewAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, Guid workspaceId, string field, string text, string before, CancellationToken ct)
    {
        if (!text.Contains('@')) return [];
        var members = await connection.QueryAsync<Mentionable>(transaction,
            "select m.user_id, u.name, u.email from members m join users u on u.id = m.user_id where m.workspace_id = @workspaceId", new { workspaceId }, ct);
        var named = Find(text, members);
        named.ExceptWith(Find(before, members));
        if (named.Count <= MaxNew) return named;
        throw new ProblemException(Problems.Validation(field, $"Mentions {named.Count} people anew; at most {MaxNew} can be told at once. All who share a name are told; an e-mail address names one."));
    }

    /// <summary>The people that a text names.</summary>
    public static HashSet<Guid> Find(string text, IReadOnlyCollection<Mentionable> people)
    {
        var named = new HashSet<Guid>();
        for (var at = text.IndexOf('@'); at >= 0; at = text.IndexOf('@', at + 1))
        {
            // In the middle of a word it belongs to an e-mail address.
            if (at > 0 && IsWordBefore(text, at)) continue;
            var rest = text.AsSpan(at + 1);
            var longest = 0;
            var found = new List<Guid>();
            foreach (var person in people)
            {
                var length = Math.Max(Match(rest, person.Name, isEmail: false), Match(rest, person.Email, isEmail: true));
                if (length == 0 || length < longest) continue;
                if (length > longest) found.Clear();
                longest = length;
                found.Add(person.UserId);
            }
            named.UnionWith(found);
        }
        return named;
    }

    private static int Match(ReadOnlySpan<char> text, string name, bool isEmail) =>
        name.Length > 0 && text.StartsWith(name, StringComparison.OrdinalIgnoreCase) && IsEnd(text[name.Length..], isEmail) ? name.Length : 0;

    /// <summary>Whether a word ends here. After a name, <c>@</c> makes it the start of an e-mail address; within one, a dot or hyphen may go on.</summary>
    private static bool IsEnd(ReadOnlySpan<char> rest, bool isEmail)
    {
        if (rest.IsEmpty) return true;
        if (IsWord(rest)) return false;
        var joins = isEmail ? rest[0] is '.' or '-' or '@' or '+' : rest[0] is '@';
        return !joins || rest.Length == 1 || !IsWord(rest[1..]);
    }

    private static bool IsWordBefore(string text, int at) => IsWord(text.AsSpan(char.IsLowSurrogate(text[at - 1]) && at > 1 ? at - 2 : at - 1));

    private static bool IsWord(ReadOnlySpan<char> text)
    {
        System.Text.Rune.DecodeFromUtf16(text, out var rune, out _);
        return rune.Value == '_' || System.Text.Rune.IsLetterOrDigit(rune)
            || System.Text.Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
    }
}
