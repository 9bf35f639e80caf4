using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace TaskFlow.Api.Auth;

/// <summary>
/// A refresh token: its session's id, the secret that all tokens of the session have in common, and what it has alone. Only who was given one of them knows the
/// secret, so one that shows it and is not known any more was used before. Immutable.
/// </summary>
internal sealed class RefreshToken
{
    private const int IdBytes = 16, SecretBytes = 32, TotalBytes = IdBytes + 2 * SecretBytes;

    private readonly byte[] _bytes;

    private RefreshToken(byte[] bytes) => _bytes = bytes;

    public Guid SessionId => new(_bytes.AsSpan(0, IdBytes));

    /// <summary>The common secret as it is stored. It is random enough that a fast hash keeps it secret, as it does the token.</summary>
    public byte[] FamilyHash => SHA256.HashData(_bytes.AsSpan(IdBytes, SecretBytes));

    /// <summary>What the client gets.</summary>
    public string Text => Base64Url.EncodeToString(_bytes);

    /// <summary>The session's first token.</summary>
    public static RefreshToken OfNewFamily(Guid sessionId)
    {
        var bytes = RandomNumberGenerator.GetBytes(TotalBytes);
        sessionId.TryWriteBytes(bytes);
        return new RefreshToken(bytes);
    }

    /// <summary>Another one of the same session.</summary>
    public RefreshToken Next()
    {
        var bytes = _bytes.ToArray();
        RandomNumberGenerator.Fill(bytes.AsSpan(IdBytes + SecretBytes));
        return new RefreshToken(bytes);
    }

    /// <summary>What a client sent; null when it cannot be one of these.</summary>
    public static RefreshToken? Parse(string text)
    {
        var bytes = new byte[TotalBytes];
        return Base64Url.IsValid(text, out var length) && length == TotalBytes && Base64Url.TryDecodeFromChars(text, bytes, out _) ? new RefreshToken(bytes) : null;
    }

    /// <summary>How a token is stored, whatever its form.</summary>
    public static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
