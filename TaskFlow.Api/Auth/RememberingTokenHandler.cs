using Microsoft.Extensions.Caching.Memory;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace TaskFlow.Api.Auth;

/// <summary>
/// Checks access tokens and remembers for a while what was found good, since the same token comes with request after request and its signature is most of the
/// check's work. Whether its session is live is another question, asked each time. Thread-safe.
/// </summary>
internal sealed class RememberingTokenHandler : JsonWebTokenHandler, IDisposable
{
    /// <summary>How long a key that is withdrawn may go on to count here.</summary>
    private static readonly TimeSpan RememberedFor = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _time;
    private readonly MemoryCache _good = new(new MemoryCacheOptions { SizeLimit = 20_000 });

    public RememberingTokenHandler(TimeProvider time)
    {
        _time = time;
        MapInboundClaims = false;
    }

    /// <inheritdoc/>
    public override async Task<TokenValidationResult> ValidateTokenAsync(string token, TokenValidationParameters validationParameters)
    {
        var now = _time.GetUtcNow();
        if (_good.TryGetValue(token, out TokenValidationResult? known) && known!.SecurityToken.ValidTo > now.UtcDateTime) return known;
        var result = await base.ValidateTokenAsync(token, validationParameters);
        if (result.IsValid) _good.Set(token, result, new MemoryCacheEntryOptions { AbsoluteExpirationRelativeToNow = RememberedFor, Size = 1 });
        return result;
    }

    public void Dispose() => _good.Dispose();
}
