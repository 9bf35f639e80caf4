using TaskFlow.Api.Http;

namespace TaskFlow.Api.Access;

/// <summary>Finds the caller's role in the workspace of the route and holds it against the route's permission, before anything of the request is read.</summary>
internal sealed class MembershipMiddleware(RequestDelegate next, Memberships memberships)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<PermissionMetadata>() is { Permission: var permission })
        {
            var user = CurrentUser.From(context.User);
            var role = Guid.TryParse(context.Request.RouteValues["ws"] as string, out var workspaceId)
                ? await memberships.FindRoleAsync(workspaceId, user.Id, context.RequestAborted)
                : null;
            if (role is null) throw new ProblemException(Problems.NotFound());
            if (!RoleMatrix.Allows(role, permission)) throw new ProblemException(Problems.Forbidden());
            context.Features.Set(new Membership(workspaceId, user.Id, user.Name, role));
        }
        await next(context);
    }
}
