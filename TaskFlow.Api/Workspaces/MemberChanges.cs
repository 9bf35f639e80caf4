using TaskFlow.Api.Access;
using TaskFlow.Api.Database;
using TaskFlow.Api.Events;
using TaskFlow.Api.Http;
using TaskFlow.Api.Tasks;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Workspaces;

/// <summary>What follows from a member's changed role or departure, in the transaction of that change.</summary>
internal static class MemberChanges
{
    public static async Task ChangeRoleAsync(WorkspaceTransaction tx, Membership caller, Guid userId, string role, Mutation mutation, DateTimeOffset now, CancellationToken ct)
    {
        await tx.Connection.ExecuteAsync(tx.Transaction, "update members set role = @role where workspace_id = @WorkspaceId and user_id = @userId",
            new { caller.WorkspaceId, userId, role }, ct);
        await RevokeInvitationsAsync(tx, caller.WorkspaceId, userId, kept: RoleMatrix.InvitableBy(role), now, ct);
        var draft = Draft(EventTypes.MemberUpdated, caller, userId, now) with { Payload = ApiJson.Element(new MemberChange(role)), MutationId = mutation.Id };
        var released = role == Roles.Guest ? await TaskAssignments.ReleaseAsync(tx, draft, ct) : [];
        tx.Append([.. released, draft], []);
    }

    public static async Task RemoveAsync(WorkspaceTransaction tx, Membership caller, Guid userId, DateTimeOffset now, CancellationToken ct)
    {
        await tx.Connection.ExecuteAsync(tx.Transaction, "delete from members where workspace_id = @WorkspaceId and user_id = @userId", new { caller.WorkspaceId, userId }, ct);
        await RevokeInvitationsAsync(tx, caller.WorkspaceId, userId, kept: [], now, ct);
        var draft = Draft(EventTypes.MemberRemoved, caller, userId, now);
        tx.Append([.. await TaskAssignments.ReleaseAsync(tx, draft, ct), draft], []);
    }

    /// <summary>A link must not outlive the right to make it: else someone removed or demoted could come back by their own, in the role that they had.</summary>
    /// <param name="kept">The roles to which their links stay good.</param>
    private static Task<int> RevokeInvitationsAsync(
        WorkspaceTransaction tx, Guid workspaceId, Guid userId, IEnumerable<string> kept, DateTimeOffset now, CancellationToken ct) =>
        tx.Connection.ExecuteAsync(tx.Transaction, """
            update invitations set revoked_at = @now
            where workspace_id = @workspaceId and created_by = @userId and revoked_at is null and used_at is null and role <> all (@kept)
            """, new { workspaceId, userId, kept = kept.ToArray(), now }, ct);

    private static EventDraft Draft(string type, Membership caller, Guid memberId, DateTimeOffset now) => new()
    {
        Type = type,
        WorkspaceId = caller.WorkspaceId,
        MemberId = memberId,
        UserId = caller.UserId,
        UserName = caller.UserName,
        Timestamp = now,
    };
}
