using Npgsql;
using TaskFlow.Api.Database;
using TaskFlow.Api.Http;

namespace TaskFlow.Api.Access;

/// <summary>The caller in the workspace of the route (its value <c>ws</c>); a handler's parameter on routes with <see cref="AccessExtensions.RequirePermission"/>.</summary>
internal sealed record Membership(Guid WorkspaceId, Guid UserId, string UserName, string Role)
{
    /// <summary>What the route asks of the role.</summary>
    public Permission Required { get; init; }

    public bool Allows(Permission permission) => RoleMatrix.Allows(Role, permission);

    public static ValueTask<Membership> BindAsync(HttpContext context) => ValueTask.FromResult(context.Features.Get<Membership>()
        ?? throw new InvalidOperationException("The route has no RequirePermission, which finds the membership."));

    /// <summary>
    /// Reads the role again inside the transaction of a write and holds it until the commit, so that nobody writes who is being removed or
    /// demoted at the same moment. Throws the same 404 or 403 as the route would.
    /// </summary>
    public async Task<Membership> RecheckAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, Permission permission, CancellationToken ct)
    {
        var role = await connection.FirstOrDefaultAsync<string>(transaction,
            "select role from members where workspace_id = @WorkspaceId and user_id = @UserId for share", new { WorkspaceId, UserId }, ct);
        return Recheck(role, permission);
    }

    /// <summary>Reads the role again, for a transaction that sends its questions together; <see cref="Recheck"/> takes the answer, one row or none.</summary>
    public NpgsqlBatchCommand RoleStatement() => new("select role from members where workspace_id = $1 and user_id = $2")
    {
        Parameters = { Param.Of(WorkspaceId), Param.Of(UserId) },
    };

    /// <summary>The membership with the role as it is now. Throws the same 404 or 403 as the route would.</summary>
    public Membership Recheck(string? role, Permission permission)
    {
        if (role is null) throw new ProblemException(Problems.NotFound());
        if (!RoleMatrix.Allows(role, permission)) throw new ProblemException(Problems.Forbidden());
        return this with { Role = role };
    }
}
