using Npgsql;
using TaskFlow.Api.Access;
using TaskFlow.Api.Database;
using TaskFlow.Api.Events;
using TaskFlow.Api.Http;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Workspaces;

/// <summary>Rows and events of memberships, for whoever changes them.</summary>
internal static class Members
{
    /// <summary>Adds a member; null when they are in already.</summary>
    public static Task<MemberDto?> AddAsync(WorkspaceTransaction tx, Guid workspaceId, Guid userId, string role, DateTimeOffset now, CancellationToken ct) =>
        tx.Connection.FirstOrDefaultAsync<MemberDto>(tx.Transaction, """
            with added as (
                insert into members (workspace_id, user_id, role, joined_at) values (@workspaceId, @userId, @role, @now)
                on conflict do nothing
                returning user_id, role, joined_at
            )
            select u.id as user_id, u.name, u.email, a.role, a.joined_at from added a join users u on u.id = a.user_id
            """, new { workspaceId, userId, role, now }, ct);

    public static EventDraft Added(MemberDto member, Guid workspaceId, Guid actorId, string actorName, Mutation mutation, DateTimeOffset now) => new()
    {
        Type = EventTypes.MemberAdded,
        WorkspaceId = workspaceId,
        MemberId = member.UserId,
        Payload = ApiJson.Element(member),
        UserId = actorId,
        UserName = actorName,
        MutationId = mutation.Id,
        Timestamp = now,
    };

    /// <summary>
    /// Locks, in the order of their ids, everyone whose role matters for changing one member: the caller, the member and all owners. Whoever else
    /// changes members waits, so that two owners cannot leave at the same moment. A caller who lost the permission meanwhile gets the route's 403 or 404.
    /// </summary>
    public static async Task<MemberLock> LockAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, Membership caller, Guid userId,
        Permission permission, CancellationToken ct)
    {
        var rows = await connection.QueryAsync<RoleRow>(transaction, """
            select user_id, role from members
            where workspace_id = @WorkspaceId and (role = 'owner' or user_id in (@CallerId, @userId))
            order by user_id
            for no key update
            """, new { caller.WorkspaceId, CallerId = caller.UserId, userId }, ct);
        var callerRole = rows.FirstOrDefault(row => row.UserId == caller.UserId)?.Role ?? throw new ProblemException(Problems.NotFound());
        if (!RoleMatrix.Allows(callerRole, permission)) throw new ProblemException(Problems.Forbidden());
        var role = rows.FirstOrDefault(row => row.UserId == userId)?.Role ?? throw new ProblemException(Problems.NotFound("There is no such member."));
        return new MemberLock(callerRole, role, IsLastOwner: role == Roles.Owner && rows.Count(row => row.Role == Roles.Owner) == 1);
    }

    private sealed record RoleRow(Guid UserId, string Role);
}

/// <param name="CallerRole">The caller's role now.</param>
/// <param name="Role">The member's role now.</param>
/// <param name="IsLastOwner">Whether the workspace would be without an owner if the member were none.</param>
internal sealed record MemberLock(string CallerRole, string Role, bool IsLastOwner)
{
    /// <summary>Nobody touches an owner without being one.</summary>
    public void RefuseTouchingOwner()
    {
        if (Role == Roles.Owner && !RoleMatrix.Allows(CallerRole, Permission.ManageOwners)) throw new ProblemException(Problems.Forbidden("Only owners may change owners."));
    }

    public void RefuseLosingLastOwner()
    {
        if (IsLastOwner) throw new ProblemException(Problems.Conflict("A workspace needs an owner: make somebody else one first."));
    }
}
