using System.Collections.Concurrent;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using TaskFlow.Contracts;
using TaskFlow.ServiceDefaults;

namespace TaskFlow.Push.Access;

/// <summary>Who a token says its bearer is.</summary>
/// <param name="UserId">The person.</param>
/// <param name="SessionId">The login session, whose revocation ends the connection.</param>
/// <param name="Workspace">The one workspace that a realtime token opens; null for an access token.</param>
/// <param name="ValidUntil">When the token expires.</param>
internal sealed record Caller(Guid UserId, Guid SessionId, Guid? Workspace, DateTimeOffset ValidUntil)
{
    /// <summary>Whether the token may open connections to that workspace (membership is another question).</summary>
    public bool MayOpen(Guid workspace) => Workspace is null || Workspace == workspace;
}

/// <summary>Checks tokens. What was found good is remembered until it expires: long pollers show the same token again and again.</summary>
internal sealed class TokenReader(SigningKeys keys, TimeProvider time)
{
    private const int MaxLength = 8 * 1024;
    private const int MaxRemembered = 20_000;
    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };
    private readonly TokenValidationParameters _parameters = Tokens.ValidationParameters(keys.Find, TokenNames.AccessAudience, TokenNames.RealtimeAudience);
    private readonly ConcurrentDictionary<string, Caller> _good = new(StringComparer.Ordinal);

    /// <summary>The bearer of the token; null when it is none of ours, or no longer valid.</summary>
    /// <exception cref="ApiUnavailableException">There are no keys to check it with.</exception>
    public ValueTask<Caller?> ReadAsync(ReadOnlyMemory<char> token, CancellationToken cancellationToken)
    {
        if (token.Length is 0 or > MaxLength) return default;
        // Found without making a string of what is a part of a header.
        return _good.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(token.Span, out var known) && known.ValidUntil > time.GetUtcNow()
            ? ValueTask.FromResult<Caller?>(known)
            : new ValueTask<Caller?>(CheckAsync(token.ToString(), cancellationToken));
    }

    private async Task<Caller?> CheckAsync(string token, CancellationToken cancellationToken)
    {
        JsonWebToken parsed;
        try { parsed = _handler.ReadJsonWebToken(token); }
        catch (Exception error) when (error is ArgumentException or SecurityTokenException) { return null; }
        if (string.IsNullOrEmpty(parsed.Kid) || parsed.Alg != SecurityAlgorithms.RsaSha256) return null;
        await keys.EnsureAsync(parsed.Kid, cancellationToken);
        var result = await _handler.ValidateTokenAsync(parsed, _parameters);
        if (!result.IsValid) return null;
        if (!Guid.TryParse(parsed.Subject, out var user) || !TryClaim(parsed, TokenNames.SessionClaim, out var session)) return null;
        Guid? workspace = null;
        if (parsed.Audiences.Contains(TokenNames.RealtimeAudience))
        {
            if (!TryClaim(parsed, TokenNames.WorkspaceClaim, out var only)) return null;
            workspace = only;
        }
        var caller = new Caller(user, session, workspace, new DateTimeOffset(parsed.ValidTo, TimeSpan.Zero));
        if (_good.Count >= MaxRemembered) _good.Clear();
        _good[token] = caller;
        return caller;
    }

    private static bool TryClaim(JsonWebToken token, string name, out Guid value)
    {
        value = default;
        return token.TryGetPayloadValue<string>(name, out var text) && Guid.TryParse(text, out value);
    }
}
