using TaskFlow.Api.Http;

namespace TaskFlow.Api.Auth;

/// <summary>E-mail addresses and passwords as input.</summary>
internal static class Emails
{
    public const int MaxLength = 254;

    private const int MinPasswordLength = 8;
    private const int MaxPasswordLength = 512; // hashing is slow: nobody should send it a novel

    /// <summary>What makes two spellings the same address.</summary>
    public static string Key(string email) => email.Trim().ToLowerInvariant();

    /// <summary>An address that could exist: one @ with something on both sides, nothing that would need quoting. Whether it does, only a mail can tell.</summary>
    public static string Email(this Validator check, string field, string? value)
    {
        var email = check.Text(field, value, 1, MaxLength);
        if (email.Length > 0) check.Require(IsPlausible(email), field, "Is not an e-mail address.");
        return email;
    }

    /// <summary>A password to check. What passwords must look like is not said here: that would tell about accounts made under other rules.</summary>
    public static string Password(this Validator check, string field, string? value)
    {
        if (!check.Require(!string.IsNullOrEmpty(value), field, "Is required.")) return "";
        check.Require(value!.Length <= MaxPasswordLength, field, $"Must have at most {MaxPasswordLength} characters.");
        check.IsStorable(field, value);
        return value;
    }

    public static string NewPassword(this Validator check, string field, string? value)
    {
        var password = check.Password(field, value);
        if (password.Length == 0) return password;
        check.Require(password.Length >= MinPasswordLength, field, $"Must have at least {MinPasswordLength} characters.");
        check.Require(password.Any(char.IsDigit), field, "Must contain a digit.");
        return password;
    }

    private static bool IsPlausible(string email)
    {
        var at = email.IndexOf('@');
        return at > 0 && at < email.Length - 1 && at == email.LastIndexOf('@') && at <= 64
            && !email.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c is ',' or ';' or '<' or '>' or '"' or '(' or ')' or '\\')
            && email[at + 1] is not ('.' or '-') && email[^1] is not ('.' or '-') && !email.Contains("..", StringComparison.Ordinal);
    }
}
