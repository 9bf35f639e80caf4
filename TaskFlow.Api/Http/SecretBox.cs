using System.Security.Cryptography;
using System.Text;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Http;

/// <summary>Encrypts what must not lie in the database in clear: AES-256-GCM, a key per purpose derived from <c>KeyEncryptionSecret</c>.</summary>
internal sealed class SecretBox
{
    public const string SigningKeys = "signing-keys";
    public const string Answers = "idempotent-answers";

    private const int NonceSize = 12;
    private const int TagSize = 16;
    private const int MinSecretLength = 16;

    private readonly byte[] _secret;

    public SecretBox(IConfiguration configuration)
    {
        var secret = configuration[Topology.Settings.KeyEncryptionSecret];
        if (secret is not { Length: >= MinSecretLength })
        {
            throw new InvalidOperationException($"{Topology.Settings.KeyEncryptionSecret} must be set to a secret of at least {MinSecretLength} characters.");
        }
        _secret = Encoding.UTF8.GetBytes(secret);
    }

    /// <summary>Nonce, tag, cipher text.</summary>
    public byte[] Seal(string purpose, ReadOnlySpan<byte> clear)
    {
        var box = new byte[NonceSize + TagSize + clear.Length];
        var nonce = box.AsSpan(0, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        using var aes = Cipher(purpose);
        aes.Encrypt(nonce, clear, box.AsSpan(NonceSize + TagSize), box.AsSpan(NonceSize, TagSize));
        return box;
    }

    /// <summary>The clear bytes. Throws a <see cref="CryptographicException"/> when they were sealed under another secret or tampered with.</summary>
    public byte[] Open(string purpose, ReadOnlySpan<byte> box)
    {
        if (box.Length < NonceSize + TagSize) throw new CryptographicException("Too short to be sealed bytes.");
        var clear = new byte[box.Length - NonceSize - TagSize];
        using var aes = Cipher(purpose);
        aes.Decrypt(box[..NonceSize], box[(NonceSize + TagSize)..], box.Slice(NonceSize, TagSize), clear);
        return clear;
    }

    private AesGcm Cipher(string purpose) =>
        new(HKDF.DeriveKey(HashAlgorithmName.SHA256, _secret, 32, info: Encoding.UTF8.GetBytes("taskflow " + purpose)), TagSize);
}
