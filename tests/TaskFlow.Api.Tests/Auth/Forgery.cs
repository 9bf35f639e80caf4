using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace TaskFlow.Api.Tests.Auth;

/// <summary>Makes tokens as somebody would who knows the format: signed in any way, or not at all.</summary>
internal sealed class Forgery : IDisposable
{
    private readonly RSA _rsa = RSA.Create(2048);

    public string KeyId { get; } = $"test-{Guid.NewGuid():N}";

    public byte[] PublicKey => _rsa.ExportSubjectPublicKeyInfo();

    public static Dictionary<string, object?> Claims(Guid userId, Guid sessionId, string audience = "taskflow", string issuer = "taskflow", int secondsLeft = 600)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        return new()
        {
            ["iss"] = issuer,
            ["aud"] = audience,
            ["sub"] = userId,
            ["sid"] = sessionId,
            ["name"] = "Mallory",
            ["iat"] = now - 60,
            ["nbf"] = now - 60,
            ["exp"] = now + secondsLeft,
        };
    }

    /// <summary>Signed with our own private key under the given <c>kid</c>.</summary>
    public string Signed(Dictionary<string, object?> claims, string? keyId, string algorithm = "RS256") =>
        Token(new { alg = algorithm, typ = "JWT", kid = keyId }, claims, input => _rsa.SignData(input, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

    public static string Unsigned(Dictionary<string, object?> claims, string keyId, string algorithm) =>
        Token(new { alg = algorithm, typ = "JWT", kid = keyId }, claims, _ => []);

    /// <summary>The classic confusion: the public key as the secret of an HMAC.</summary>
    public static string Hmac(Dictionary<string, object?> claims, string keyId, byte[] secret) =>
        Token(new { alg = "HS256", typ = "JWT", kid = keyId }, claims, input => HMACSHA256.HashData(secret, input));

    public static JsonElement Part(string token, int index) => JsonDocument.Parse(Base64Url.DecodeFromChars(token.Split('.')[index])).RootElement;

    public void Dispose() => _rsa.Dispose();

    private static string Token(object header, object claims, Func<byte[], byte[]> sign)
    {
        var input = Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(header)) + "." + Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(claims));
        return input + "." + Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(input)));
    }
}
