using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using TaskFlow.Api.Http;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Auth;

/// <summary>Makes the JWTs of <see cref="TokenNames"/>.</summary>
internal sealed class AccessTokens(KeyRing keys, TimeProvider time)
{
    public static readonly TimeSpan AccessLifetime = TimeSpan.FromMinutes(15);
    public static readonly TimeSpan RealtimeLifetime = TimeSpan.FromSeconds(60);

    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };

    public string ForAccess(Guid userId, string name, Guid sessionId) =>
        Create(TokenNames.AccessAudience, AccessLifetime, userId, name, sessionId, null);

    public string ForRealtime(CurrentUser user, Guid workspaceId) =>
        Create(TokenNames.RealtimeAudience, RealtimeLifetime, user.Id, user.Name, user.SessionId, workspaceId);

    private string Create(string audience, TimeSpan lifetime, Guid userId, string name, Guid sessionId, Guid? workspaceId)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var claims = new Dictionary<string, object>
        {
            [TokenNames.SubjectClaim] = userId.ToString(),
            [TokenNames.SessionClaim] = sessionId.ToString(),
            [TokenNames.NameClaim] = name,
            [JwtRegisteredClaimNames.Jti] = Guid.NewGuid().ToString("N"), // no two tokens are the same, even of one second
        };
        if (workspaceId is { } workspace) claims[TokenNames.WorkspaceClaim] = workspace.ToString();
        return _handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = TokenNames.Issuer,
            Audience = audience,
            IssuedAt = now,
            NotBefore = now,
            Expires = now + lifetime,
            Claims = claims,
            SigningCredentials = keys.Signing,
        });
    }
}
