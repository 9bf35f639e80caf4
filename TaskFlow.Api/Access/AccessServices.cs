using TaskFlow.Api.Http;

namespace TaskFlow.Api.Access;

internal static class AccessServices
{
    public static void AddAccess(this WebApplicationBuilder builder) => builder.Services.AddSingleton<Memberships>();

    /// <summary>After authentication and authorization: the caller's role in the workspace, then the Idempotency-Key.</summary>
    public static void UseAccess(this WebApplication app)
    {
        app.UseMiddleware<MembershipMiddleware>();
        app.UseMiddleware<IdempotencyMiddleware>();
    }
}
