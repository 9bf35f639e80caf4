using Microsoft.AspNetCore.Identity;
using TaskFlow.Api.Http;

namespace TaskFlow.Api.Auth;

/// <summary>
/// Password hashes by ASP.NET Core Identity (PBKDF2). Hashing is slow on purpose, so only as many run at once as there are processors:
/// a flood of sign-ins must not take the processors from everybody else.
/// </summary>
internal sealed class Passwords : IDisposable
{
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(5);

    private readonly PasswordHasher<Passwords> _hasher = new();
    private readonly SemaphoreSlim _slots = new(Environment.ProcessorCount);
    private readonly Lazy<string> _nobody;

    public Passwords() => _nobody = new(() => _hasher.HashPassword(this, Guid.NewGuid().ToString()));

    public Task<string> HashAsync(string password, CancellationToken ct) => InSlotAsync(() => _hasher.HashPassword(this, password), ct);

    /// <summary>Whether the password fits. Without a hash (no such account) it takes as long and is false.</summary>
    public Task<bool> VerifyAsync(string? hash, string password, CancellationToken ct) => InSlotAsync(() =>
        _hasher.VerifyHashedPassword(this, hash ?? _nobody.Value, password) is not PasswordVerificationResult.Failed && hash is not null, ct);

    public void Dispose() => _slots.Dispose();

    private async Task<T> InSlotAsync<T>(Func<T> work, CancellationToken ct)
    {
        if (!await _slots.WaitAsync(MaxWait, ct)) throw new ProblemException(Problems.Unavailable(MaxWait, "Too many people sign in just now."));
        try
        {
            return await Task.Run(work, ct);
        }
        finally
        {
            _slots.Release();
        }
    }
}
