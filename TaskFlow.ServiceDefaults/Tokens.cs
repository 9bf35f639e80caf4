using Microsoft.IdentityModel.Tokens;
using TaskFlow.Contracts;

namespace TaskFlow.ServiceDefaults;

/// <summary>How both services check a JWT: one place, so that they cannot differ.</summary>
public static class Tokens
{
    /// <summary>Parameters that accept TaskFlow's RS256 tokens for the given audiences only. Keys come from the resolver at each check, by <c>kid</c>.</summary>
    /// <param name="keys">Finds the valid keys for a <c>kid</c>; must be thread-safe and must not block for long.</param>
    /// <param name="audiences">One or more of <see cref="TokenNames.AccessAudience"/> and <see cref="TokenNames.RealtimeAudience"/>.</param>
    public static TokenValidationParameters ValidationParameters(Func<string, IEnumerable<SecurityKey>> keys, params string[] audiences) => new()
    {
        ValidIssuer = TokenNames.Issuer,
        ValidAudiences = audiences,
        ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
        IssuerSigningKeyResolver = (_, _, kid, _) => string.IsNullOrEmpty(kid) ? [] : keys(kid),
        RequireExpirationTime = true,
        RequireSignedTokens = true,
        ClockSkew = TimeSpan.FromSeconds(5),
        NameClaimType = TokenNames.NameClaim,
    };
}
