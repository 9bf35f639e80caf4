using System.Security.Claims;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Http;

/// <summary>The signed-in person; a handler's parameter. Routes without authorization have none.</summary>
internal readonly record struct CurrentUser(Guid Id, string Name, Guid SessionId)
{
    public static ValueTask<CurrentUser> BindAsync(HttpContext context) => ValueTask.FromResult(From(context.User));

    public static CurrentUser From(ClaimsPrincipal principal) => TryFrom(principal, out var user) ? user : throw new ProblemException(Problems.Unauthorized());

    public static bool TryFrom(ClaimsPrincipal principal, out CurrentUser user)
    {
        if (Guid.TryParse(principal.FindFirstValue(TokenNames.SubjectClaim), out var id)
            && Guid.TryParse(principal.FindFirstValue(TokenNames.SessionClaim), out var session)
            && principal.FindFirstValue(TokenNames.NameClaim) is { } name)
        {
            user = new CurrentUser(id, name, session);
            return true;
        }
        user = default;
        return false;
    }
}
