using System.Text.Json;
using TaskFlow.Testing;

namespace TaskFlow.Browser.Tests;

/// <summary>The sign-in as the web app keeps it, so that only the test of signing in has to type it.</summary>
internal static class Session
{
    public static string StorageState(TestUser user, string origin)
    {
        var session = JsonSerializer.Serialize(new
        {
            user = new { id = user.Id, email = user.Email, name = user.Name },
            accessToken = user.AccessToken,
            expiresAt = DateTimeOffset.UtcNow.AddMinutes(14).ToUnixTimeMilliseconds(),
            refreshToken = user.RefreshToken,
        });
        return JsonSerializer.Serialize(new
        {
            cookies = Array.Empty<object>(),
            origins = new[] { new { origin, localStorage = new[] { new { name = "taskflow.session", value = session } } } },
        });
    }
}
