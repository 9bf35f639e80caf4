using Microsoft.AspNetCore.Authentication.JwtBearer;
using TaskFlow.Api.Http;
using TaskFlow.Contracts;
using TaskFlow.ServiceDefaults;

namespace TaskFlow.Api.Auth;

internal static class AuthServices
{
    public static void AddAuth(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<KeyRing>();
        services.AddSingleton<AccessTokens>();
        services.AddSingleton<RememberingTokenHandler>();
        services.AddSingleton<Passwords>();
        services.AddSingleton<Sessions>();
        services.AddSingleton<SessionGuard>();
        services.AddHostedService<KeyRotation>();
        services.AddHealthChecks().AddCheck<KeyRingHealth>("signing-keys");
        services.AddHostedService<RevocationListener>();
        services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer();
        services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme).Configure<KeyRing, RememberingTokenHandler>((jwt, keys, handler) =>
        {
            jwt.TokenHandlers.Clear();
            jwt.TokenHandlers.Add(handler);
            jwt.TokenValidationParameters = Tokens.ValidationParameters(keys.Find, TokenNames.AccessAudience);
            jwt.Events = new JwtBearerEvents { OnTokenValidated = CheckSessionAsync };
        });
        services.AddAuthorization();
    }

    private static async Task CheckSessionAsync(TokenValidatedContext context)
    {
        var guard = context.HttpContext.RequestServices.GetRequiredService<SessionGuard>();
        if (!CurrentUser.TryFrom(context.Principal!, out var user) || !await guard.IsLiveAsync(user.SessionId, context.HttpContext.RequestAborted))
        {
            context.Fail("The session has ended.");
        }
    }
}
