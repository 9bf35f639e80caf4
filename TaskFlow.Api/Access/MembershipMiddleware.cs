using TaskFlow.Api.Http;

namespace TaskFlow.Api.Access;

/// <summary>Finds the caller's role in the workspace of the route and holds it against the route's permission, before anything of the request is read.</summary>
internal sealed class MembershipMiddleware(RequestDelegate next, Memberships memberships)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var route = context.GetEndpoint()?.Metadata;
        if (route?.GetMetadata<PermissionMetadata>() is { Permission: var permission })
        {
            var user = CurrentUser.From(context.User);
            if (!Guid.TryParse(context.Request.RouteValues["ws"] as string, out var workspaceId)) throw new ProblemException(Problems.NotFound());
            var remembered = route.GetMetadata<RoleReadAgainMetadata>() is null ? null : memberships.Remembered(workspaceId, user.Id);
            var role = remembered is not null && RoleMatrix.Allows(remembered, permission)
                ? remembered
                : await memberships.FindRoleAsync(workspaceId, user.Id, context.RequestAborted);
            var membership = new Membership(workspaceId, user.Id, user.Name, role ?? "") { Required = permission };
            var isLeftToTransaction = role is not null && route.GetMetadata<RepetitionsKnownBetterMetadata>() is not null
                && context.Request.Headers.ContainsKey(IdempotencyMiddleware.Header);
            context.Features.Set(isLeftToTransaction ? membership : membership.Recheck(role, permission));
        }
        await next(context);
    }
}
