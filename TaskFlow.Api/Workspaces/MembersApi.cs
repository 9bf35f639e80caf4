using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using TaskFlow.Api.Access;
using TaskFlow.Api.Auth;
using TaskFlow.Api.Database;
using TaskFlow.Api.Events;
using TaskFlow.Api.Http;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Workspaces;

internal static class MembersApi
{
    public static void MapMembers(this RouteGroupBuilder workspace)
    {
        var members = workspace.MapGroup("/members").WithTags("Members");
        members.MapGet("/", ListAsync).WithSummary("Everybody in the workspace, by the time they joined");
        members.MapPost("/", AddAsync).RequirePermission(Permission.ManageMembers).Produces<MemberDto>(StatusCodes.Status201Created)
            .WithSummary("Add somebody who has an account");
        members.MapPatch("/{userId:guid}", UpdateAsync).RequirePermission(Permission.ManageMembers).RefuseRepetitionsInTransaction().Produces<MemberDto>()
            .WithSummary("Change a member's role");
        members.MapDelete("/{userId:guid}", RemoveAsync).RequirePermission(Permission.LeaveWorkspace)
            .ProducesProblem(403).ProducesProblem(409).WithSummary("Leave, or remove a member");
    }

    /// <summary>The roles, as a request may name them.</summary>
    public static string CheckRole(this Validator check, string? role) => check.OneOf("role", role, Roles.Owner, Roles.Admin, Roles.Member, Roles.Guest);

    public static void RefuseGrantAboveOwn(string ownRole, string granted)
    {
        if (!RoleMatrix.CanGrant(ownRole, granted)) throw new ProblemException(Problems.Forbidden("Nobody can give a role above their own."));
    }

    private static async Task<Ok<Page<MemberDto>>> ListAsync(Membership caller, [AsParameters] PageQuery page, NpgsqlDataSource db, CancellationToken ct)
    {
        var (limit, after) = (page.Size, page.AfterTimeAndId());
        await using var connection = await db.OpenConnectionAsync(ct);
        var rows = await connection.QueryAsync<MemberDto>(null, """
            select u.id as user_id, u.name, u.email, m.role, m.joined_at
            from members m join users u on u.id = m.user_id
            where m.workspace_id = @WorkspaceId and (@at::timestamptz is null or (m.joined_at, m.user_id) > (@at, @id))
            order by m.joined_at, m.user_id
            limit @limit + 1
            """, new { caller.WorkspaceId, at = after?.At, id = after?.Id, limit }, ct);
        return TypedResults.Ok(Page.Of(rows, limit, row => Cursor.Of(row.JoinedAt, row.UserId)));
    }

    private static async Task<Answer> AddAsync(AddMemberRequest request, Membership membership, Mutation mutation, EventLog log, Memberships memberships,
        TimeProvider time, CancellationToken ct)
    {
        var check = new Validator();
        var email = check.Text("email", request.Email, 1, Emails.MaxLength);
        var role = check.CheckRole(request.Role);
        check.ThrowIfInvalid();

        var answer = await log.WriteAloneAsync(mutation, async tx =>
        {
            var caller = await membership.RecheckAsync(tx.Connection, tx.Transaction, Permission.ManageMembers, ct);
            RefuseGrantAboveOwn(caller.Role, role);
            var userId = await tx.Connection.FirstOrDefaultAsync<Guid?>(tx.Transaction, "select id from users where email_key = @key", new { key = Emails.Key(email) }, ct)
                ?? throw new ProblemException(Problems.Validation("email", "There is no account with this address: send an invitation link instead."));
            var now = time.GetMicroseconds();
            var member = await Members.AddAsync(tx, caller.WorkspaceId, userId, role, now, ct)
                ?? throw new ProblemException(Problems.Conflict("They are in this workspace already."));
            tx.Append(Members.Added(member, caller.WorkspaceId, caller.UserId, caller.UserName, mutation, now));
            return Answer.Created($"/api/workspaces/{caller.WorkspaceId}/members/{userId}", member);
        }, ct);
        await memberships.ChangedAsync(membership.WorkspaceId);
        return answer;
    }

    private static async Task<Answer> UpdateAsync(Guid userId, UpdateMemberRequest request, Membership membership, Mutation mutation, EventLog log,
        Memberships memberships, TimeProvider time, CancellationToken ct)
    {
        var check = new Validator();
        var role = request.Role.IsSet ? check.CheckRole(request.Role.Value) : null;
        check.ThrowIfInvalid();

        var answer = await log.WriteAloneAsync(mutation, async tx =>
        {
            var current = await Members.LockAsync(tx.Connection, tx.Transaction, membership, userId, Permission.ManageMembers, ct);
            current.RefuseTouchingOwner();
            if (role is not null && role != current.Role)
            {
                RefuseGrantAboveOwn(current.CallerRole, role);
                current.RefuseLosingLastOwner();
                await MemberChanges.ChangeRoleAsync(tx, membership, userId, role, mutation, time.GetMicroseconds(), ct);
            }
            return Answer.Ok(await tx.Connection.FirstAsync<MemberDto>(tx.Transaction, """
                select u.id as user_id, u.name, u.email, m.role, m.joined_at from members m join users u on u.id = m.user_id
                where m.workspace_id = @WorkspaceId and m.user_id = @userId
                """, new { membership.WorkspaceId, userId }, ct));
        }, ct);
        await memberships.ChangedAsync(membership.WorkspaceId);
        return answer;
    }

    private static async Task<NoContent> RemoveAsync(Guid userId, Membership membership, EventLog log, Memberships memberships, TimeProvider time, CancellationToken ct)
    {
        var permission = userId == membership.UserId ? Permission.LeaveWorkspace : Permission.ManageMembers;
        if (!membership.Allows(permission)) throw new ProblemException(Problems.Forbidden());
        await log.WriteAloneAsync(Mutation.Unkeyed, async tx =>
        {
            var current = await Members.LockAsync(tx.Connection, tx.Transaction, membership, userId, permission, ct);
            current.RefuseTouchingOwner();
            current.RefuseLosingLastOwner();
            await MemberChanges.RemoveAsync(tx, membership, userId, time.GetMicroseconds(), ct);
            return Answer.NoContent();
        }, ct);
        await memberships.ChangedAsync(membership.WorkspaceId);
        return TypedResults.NoContent();
    }
}
