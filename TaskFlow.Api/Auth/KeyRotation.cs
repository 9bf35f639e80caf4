using System.Security.Cryptography;
using Npgsql;
using TaskFlow.Api.Database;
using TaskFlow.Api.Http;

namespace TaskFlow.Api.Auth;

/// <summary>
/// Loads the signing keys and makes a new one in time. A key is published (in the JWKS) before it signs and stays published until its last token has
/// expired, so that a verifier which caches never meets a token it cannot check; around a change two keys are valid at once.
/// </summary>
internal sealed partial class KeyRotation(NpgsqlDataSource db, SchemaReady schema, KeyRing ring, SecretBox secrets, IConfiguration configuration,
    TimeProvider time, ILogger<KeyRotation> logger) : BackgroundService
{
    private const int KeySize = 2048;
    private const long LockId = 0x7369676e6b657973; // "signkeys": one instance at a time decides

    /// <summary>Between publishing and signing: longer than any verifier caches the JWKS.</summary>
    private static readonly TimeSpan Lead = TimeSpan.FromMinutes(15);

    /// <summary>How long a key verifies after its successor took over: longer than any token lives.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromHours(1);

    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Reload = TimeSpan.FromSeconds(30);

    private readonly TimeSpan _rotateAfter = configuration.GetValue("SigningKeys:RotateAfter", TimeSpan.FromDays(30));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.WaitAsync(stoppingToken);
        var loadedAt = long.MinValue;
        using var timer = new PeriodicTimer(Poll, time);
        do
        {
            if (loadedAt != long.MinValue && time.GetElapsedTime(loadedAt) < Reload && !ring.TakeReloadWish()) continue;
            try
            {
                ring.Replace(await db.RunAsync((connection, transaction) => LoadAsync(connection, transaction, stoppingToken), stoppingToken));
                loadedAt = time.GetTimestamp();
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogFailure(exception); // what is loaded stays good; the next round tries again
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task<IReadOnlyList<RingKey>> LoadAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken ct)
    {
        await connection.ExecuteAsync(transaction, "select pg_advisory_xact_lock(@LockId)", new { LockId }, ct);
        var now = time.GetUtcNow();
        var rows = await connection.QueryAsync<KeyRow>(transaction,
            "select id, public_key, private_key, active_from, expires_at from signing_keys where expires_at > @now order by active_from desc", new { now }, ct);
        var keys = rows.Select(Read).ToList();
        var newest = keys.Find(key => key.Private is not null);
        if (newest is not null && now < newest.ActiveFrom + _rotateAfter - Lead) return keys;

        // With no key that we could sign with, there is nothing to wait for.
        keys.Insert(0, await CreateAsync(connection, transaction, newest is null ? now : now + Lead, ct));
        return keys;
    }

    private async Task<RingKey> CreateAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, DateTimeOffset activeFrom, CancellationToken ct)
    {
        using var rsa = RSA.Create(KeySize);
        var publicKey = rsa.ExportSubjectPublicKeyInfo();
        var row = new KeyRow(Convert.ToHexStringLower(SHA256.HashData(publicKey).AsSpan(0, 16)), publicKey, secrets.Seal(SecretBox.SigningKeys, rsa.ExportPkcs8PrivateKey()),
            activeFrom, activeFrom + _rotateAfter * 2);
        await connection.ExecuteAsync(transaction, "update signing_keys set expires_at = least(expires_at, @end)", new { end = activeFrom + Overlap }, ct);
        await connection.ExecuteAsync(transaction, """
            insert into signing_keys (id, public_key, private_key, created_at, active_from, expires_at)
            values (@Id, @PublicKey, @PrivateKey, @now, @ActiveFrom, @ExpiresAt)
            """, new { row.Id, row.PublicKey, row.PrivateKey, row.ActiveFrom, row.ExpiresAt, now = time.GetUtcNow() }, ct);
        LogCreated(row.Id, activeFrom);
        return Read(row);
    }

    private RingKey Read(KeyRow row)
    {
        using var rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(row.PublicKey, out _);
        return new RingKey(row.Id, row.ActiveFrom, row.ExpiresAt, rsa.ExportParameters(includePrivateParameters: false), ReadPrivate(row));
    }

    private RSAParameters? ReadPrivate(KeyRow row)
    {
        try
        {
            using var rsa = RSA.Create();
            rsa.ImportPkcs8PrivateKey(secrets.Open(SecretBox.SigningKeys, row.PrivateKey), out _);
            return rsa.ExportParameters(includePrivateParameters: true);
        }
        catch (CryptographicException)
        {
            LogUnreadable(row.Id);
            return null;
        }
    }

    private sealed record KeyRow(string Id, byte[] PublicKey, byte[] PrivateKey, DateTimeOffset ActiveFrom, DateTimeOffset ExpiresAt);

    [LoggerMessage(LogLevel.Information, "Signing key {KeyId} was made; it signs from {ActiveFrom:O}")]
    private partial void LogCreated(string keyId, DateTimeOffset activeFrom);

    [LoggerMessage(LogLevel.Warning, "Signing key {KeyId} is encrypted under another KeyEncryptionSecret: it verifies, but does not sign")]
    private partial void LogUnreadable(string keyId);

    [LoggerMessage(LogLevel.Warning, "The signing keys could not be loaded; what is loaded stays in use")]
    private partial void LogFailure(Exception exception);
}
