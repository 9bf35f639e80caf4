using System.Collections.Frozen;
using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;
using TaskFlow.Api.Http;

namespace TaskFlow.Api.Auth;

/// <summary>The signing keys as this instance knows them. Reading is free of locks; <see cref="KeyRotation"/> puts a new picture in place.</summary>
internal sealed class KeyRing(TimeProvider time)
{
    private volatile Picture? _picture;
    private long _reloadWanted;

    public bool IsLoaded => _picture is not null;

    /// <summary>The keys that verify, for whoever checks our tokens.</summary>
    public Jwks Jwks => Loaded.Jwks;

    /// <summary>Signs new tokens: the newest key whose time has come.</summary>
    public SigningCredentials Signing
    {
        get
        {
            var now = time.GetUtcNow();
            var key = Loaded.Signing.FirstOrDefault(key => key.ActiveFrom <= now) ?? throw Unavailable();
            return key.Credentials;
        }
    }

    /// <summary>The keys that verify tokens of that <c>kid</c>. One that is not known yet is looked for in the database soon, not now.</summary>
    public IEnumerable<SecurityKey> Find(string kid)
    {
        if (_picture is { } picture && picture.Verifying.TryGetValue(kid, out var key)) return key.ExpiresAt > time.GetUtcNow() ? [key.Public] : [];
        Interlocked.Exchange(ref _reloadWanted, 1);
        return [];
    }

    public bool TakeReloadWish() => Interlocked.Exchange(ref _reloadWanted, 0) == 1;

    public void Replace(IEnumerable<RingKey> keys)
    {
        var all = keys.OrderByDescending(key => key.ActiveFrom).ToList();
        _picture = new Picture(
            [.. all.Where(key => key.Private is not null).Select(key => new SigningKey(key.ActiveFrom, Credentials(key)))],
            all.ToFrozenDictionary(key => key.Id, key => new VerifyingKey(key.ExpiresAt, new RsaSecurityKey(key.Public) { KeyId = key.Id })),
            new Jwks([.. all.Select(key => new Jwk("RSA", "sig", SecurityAlgorithms.RsaSha256, key.Id,
                Base64UrlEncoder.Encode(key.Public.Modulus), Base64UrlEncoder.Encode(key.Public.Exponent)))]));
    }

    private Picture Loaded => _picture ?? throw Unavailable();

    private static SigningCredentials Credentials(RingKey key) =>
        new(new RsaSecurityKey(key.Private!.Value) { KeyId = key.Id }, SecurityAlgorithms.RsaSha256);

    private static ProblemException Unavailable() => new(Problems.Unavailable(TimeSpan.FromSeconds(1), "The signing keys are not loaded yet."));

    private sealed record Picture(IReadOnlyList<SigningKey> Signing, FrozenDictionary<string, VerifyingKey> Verifying, Jwks Jwks);

    private sealed record SigningKey(DateTimeOffset ActiveFrom, SigningCredentials Credentials);

    private sealed record VerifyingKey(DateTimeOffset ExpiresAt, SecurityKey Public);
}

/// <param name="Id">The <c>kid</c>.</param>
/// <param name="ActiveFrom">Signs from then on.</param>
/// <param name="ExpiresAt">Verifies until then.</param>
/// <param name="Public">The public key.</param>
/// <param name="Private">Null when it was encrypted under another secret: such a key still verifies.</param>
internal sealed record RingKey(string Id, DateTimeOffset ActiveFrom, DateTimeOffset ExpiresAt, RSAParameters Public, RSAParameters? Private);
