using Microsoft.IdentityModel.Tokens;

namespace TaskFlow.Push.Access;

/// <summary>
/// The Api's public signing keys. Read on first use, again every few minutes, and at once when a token names a key that is not here, but
/// not more often than every two seconds whatever tokens come. While the Api is away, the keys that were read last go on to hold.
/// </summary>
internal sealed class SigningKeys(ApiClient api, TimeProvider time)
{
    private static readonly TimeSpan Freshness = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private readonly Lock _gate = new();
    private volatile IReadOnlyDictionary<string, SecurityKey>? _keys;
    private long _readAt;
    private long _triedAt;
    private Task? _reading;

    /// <summary>The keys of that id among those read so far; what <see cref="EnsureAsync"/> was called for.</summary>
    public IEnumerable<SecurityKey> Find(string id) => _keys is { } keys && keys.TryGetValue(id, out var key) ? [key] : [];

    /// <summary>Makes sure that <see cref="Find"/> knows what there is to know of that key. Throws <see cref="ApiUnavailableException"/> only when no keys at all are known.</summary>
    public async Task EnsureAsync(string id, CancellationToken cancellationToken)
    {
        var keys = _keys;
        var known = keys?.ContainsKey(id) == true;
        if (known && time.GetElapsedTime(Volatile.Read(ref _readAt)) < Freshness) return;
        Task? reading;
        lock (_gate)
        {
            if (_reading is null && (keys is null || time.GetElapsedTime(_triedAt) >= Pause))
            {
                _triedAt = time.GetTimestamp();
                _reading = ReadAsync();
            }
            reading = _reading;
        }
        if (reading is null || known) return; // A known key is not waited for: the refresh goes on beside.
        try { await reading.WaitAsync(cancellationToken); }
        catch (ApiUnavailableException) when (_keys is not null) { }
    }

    private async Task ReadAsync()
    {
        await Task.Yield();
        try
        {
            var read = await api.ReadKeysAsync(CancellationToken.None);
            _keys = read.Where(key => !string.IsNullOrEmpty(key.Kid) && key.Kty == JsonWebAlgorithmsKeyTypes.RSA)
                .GroupBy(key => key.Kid).ToDictionary(group => group.Key, SecurityKey (group) => group.First());
            Volatile.Write(ref _readAt, time.GetTimestamp());
        }
        finally
        {
            lock (_gate) _reading = null;
        }
    }
}
