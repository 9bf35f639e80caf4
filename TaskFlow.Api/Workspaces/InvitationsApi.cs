using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using TaskFlow.Api.Access;
using TaskFlow.Api.Database;
using TaskFlow.Api.Events;
using TaskFlow.Api.Http;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Workspaces;

internal static class InvitationsApi
{
    private const int TokenBytes = 24;
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    public static void MapInvitations(this RouteGroupBuilder workspace)
    {
        var invitations = workspace.MapGroup("/invitations").RequirePermission(Permission.ManageInvitations).WithTags("Invitations");
        invitations.MapGet("/", ListAsync).WithSummary("Invitations that can still be accepted, oldest first");
        invitations.MapPost("/", CreateAsync).Produces<InvitationLink>(StatusCodes.Status201Created).WithSummary("Make an invitation link, good for one person");
        invitations.MapDelete("/{id:guid}", RevokeAsync).WithSummary("Revoke an invitation");
    }

    public static void MapAcceptInvitation(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/invitations/{token}/accept", AcceptAsync).RequireAuthorization().WithTags("Invitations")
            .Produces<WorkspaceDto>().ProducesProblem(404).ProducesProblem(410).WithSummary("Join the workspace of an invitation");

    private static async Task<Ok<Page<InvitationDto>>> ListAsync(Membership caller, [AsParameters] PageQuery page, NpgsqlDataSource db, TimeProvider time, CancellationToken ct)
    {
        var (limit, after) = (page.Size, page.AfterTimeAndId());
        await using var connection = await db.OpenConnectionAsync(ct);
        var rows = await connection.QueryAsync<InvitationDto>(null, """
            select id, role, created_by, created_at, expires_at
            from invitations
            where workspace_id = @WorkspaceId and used_at is null and revoked_at is null and expires_at > @now
                and (@at::timestamptz is null or (created_at, id) > (@at, @id))
            order by created_at, id
            limit @limit + 1
            """, new { caller.WorkspaceId, now = time.GetUtcNow(), at = after?.At, id = after?.Id, limit }, ct);
        return TypedResults.Ok(Page.Of(rows, limit, row => Cursor.Of(row.CreatedAt, row.Id)));
    }

    private static async Task<Answer> CreateAsync(CreateInvitationRequest request, Membership membership, Mutation mutation, NpgsqlDataSource db,
        IConfiguration configuration, TimeProvider time, CancellationToken ct)
    {
        var check = new Validator();
        var role = check.CheckRole(request.Role);
        check.ThrowIfInvalid();

        return await mutation.RunAsync(db, async (connection, transaction) =>
        {
            var caller = await membership.RecheckAsync(connection, transaction, Permission.ManageInvitations, ct);
            MembersApi.RefuseGrantAboveOwn(caller.Role, role);
            var now = time.GetMicroseconds();
            var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes));
            var link = new InvitationLink(Guid.CreateVersion7(now), token, Url(configuration, token), role, now, now + Lifetime);
            await connection.ExecuteAsync(transaction, """
                insert into invitations (id, workspace_id, role, token_hash, created_by, created_at, expires_at)
                values (@Id, @WorkspaceId, @Role, @hash, @UserId, @CreatedAt, @ExpiresAt)
                """, new { link.Id, caller.WorkspaceId, link.Role, hash = Hash(token), caller.UserId, link.CreatedAt, link.ExpiresAt }, ct);
            return Answer.Created($"/api/workspaces/{caller.WorkspaceId}/invitations/{link.Id}", link, isSecret: true);
        }, ct);
    }

    private static async Task<NoContent> RevokeAsync(Guid id, Membership membership, NpgsqlDataSource db, TimeProvider time, CancellationToken ct)
    {
        await db.RunAsync(async (connection, transaction) =>
        {
            await membership.RecheckAsync(connection, transaction, Permission.ManageInvitations, ct);
            var revoked = await connection.ExecuteAsync(transaction, """
                update invitations set revoked_at = @now
                where id = @id and workspace_id = @WorkspaceId and used_at is null and revoked_at is null
                """, new { id, membership.WorkspaceId, now = time.GetUtcNow() }, ct);
            return revoked > 0 ? true : throw new ProblemException(Problems.NotFound("There is no such open invitation."));
        }, ct);
        return TypedResults.NoContent();
    }

    private static async Task<Answer> AcceptAsync(string token, CurrentUser user, Mutation mutation, EventLog log, Memberships memberships, TimeProvider time, CancellationToken ct)
    {
        Guid joined = default;
        var answer = await log.WriteAloneAsync(mutation, async tx =>
        {
            var now = time.GetMicroseconds();
            var invitation = await tx.Connection.FirstOrDefaultAsync<InvitationRow>(tx.Transaction,
                "select id, workspace_id, role, expires_at, used_at, revoked_at from invitations where token_hash = @hash for no key update", new { hash = Hash(token) }, ct)
                ?? throw new ProblemException(Problems.NotFound("There is no such invitation."));
            if (invitation.UsedAt is not null) throw new ProblemException(Problems.Gone("The invitation has been used."));
            if (invitation.RevokedAt is not null) throw new ProblemException(Problems.Gone("The invitation has been revoked."));
            if (invitation.ExpiresAt <= now) throw new ProblemException(Problems.Gone("The invitation has expired."));

            var member = await Members.AddAsync(tx, invitation.WorkspaceId, user.Id, invitation.Role, now, ct)
                ?? throw new ProblemException(Problems.Conflict("You are in this workspace already."));
            await tx.Connection.ExecuteAsync(tx.Transaction, "update invitations set used_at = @now, used_by = @userId where id = @Id",
                new { invitation.Id, now, userId = user.Id }, ct);
            tx.Append(Members.Added(member, invitation.WorkspaceId, user.Id, user.Name, mutation, now));
            joined = invitation.WorkspaceId;
            var workspace = await WorkspacesApi.LockAsync(tx, new Membership(invitation.WorkspaceId, user.Id, user.Name, invitation.Role), ct);
            return Answer.Ok(workspace with { Head = workspace.Head + 1 });
        }, ct);
        if (joined != default) await memberships.ChangedAsync(joined);
        return answer;
    }

    private static string Url(IConfiguration configuration, string token) =>
        $"{configuration[Topology.Settings.PublicWebUrl]?.TrimEnd('/')}/invitations/{token}";

    /// <summary>Random enough that a fast hash keeps it secret.</summary>
    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private sealed record InvitationRow(Guid Id, Guid WorkspaceId, string Role, DateTimeOffset ExpiresAt, DateTimeOffset? UsedAt, DateTimeOffset? RevokedAt);
}
