using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using TaskFlow.Api.Access;
using TaskFlow.Api.Database;
using TaskFlow.Api.Events;
using TaskFlow.Api.Http;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Workspaces;

internal static class WorkspacesApi
{
    private const int MaxName = 100;
    private const string FindSql = "select id, name, @Role as role, seq as head, created_at from workspaces where id = @WorkspaceId";

    public static void AddWorkspaces(this IServiceCollection services)
    {
        services.AddSingleton<WorkspaceRemoval>();
        services.AddHostedService(provider => provider.GetRequiredService<WorkspaceRemoval>());
    }

    public static void MapWorkspaces(this IEndpointRouteBuilder routes)
    {
        var workspaces = routes.MapGroup("/api/workspaces").RequireAuthorization().WithTags("Workspaces");
        workspaces.MapGet("/", ListAsync).WithSummary("The caller's workspaces, oldest first");
        workspaces.MapPost("/", CreateAsync).Produces<WorkspaceDto>(StatusCodes.Status201Created).WithSummary("Create a workspace; the caller owns it");

        var workspace = workspaces.MapGroup("/{ws:guid}").RequirePermission(Permission.ReadWorkspace);
        workspace.MapGet("/", GetAsync).WithSummary("A workspace");
        workspace.MapPatch("/", UpdateAsync).RequirePermission(Permission.RenameWorkspace).Produces<WorkspaceDto>().WithSummary("Rename a workspace");
        workspace.MapDelete("/", DeleteAsync).RequirePermission(Permission.DeleteWorkspace).WithSummary("Delete a workspace with everything in it");
        workspace.MapPost("/realtime-token", RealtimeTokens.Create).IgnoreIdempotencyKey().WithSummary("A short-lived token for real-time connections");
        workspace.MapMembers();
        workspace.MapInvitations();
        routes.MapAcceptInvitation();
    }

    private static async Task<Ok<Page<WorkspaceDto>>> ListAsync(CurrentUser user, [AsParameters] PageQuery page, NpgsqlDataSource db, CancellationToken ct)
    {
        var (limit, after) = (page.Size, page.AfterTimeAndId());
        await using var connection = await db.OpenConnectionAsync(ct);
        var rows = await connection.QueryAsync<WorkspaceDto>(null, """
            select w.id, w.name, m.role, w.seq as head, w.created_at
            from members m join workspaces w on w.id = m.workspace_id
            where m.user_id = @userId and (@at::timestamptz is null or (w.created_at, w.id) > (@at, @id))
            order by w.created_at, w.id
            limit @limit + 1
            """, new { userId = user.Id, at = after?.At, id = after?.Id, limit }, ct);
        return TypedResults.Ok(Page.Of(rows, limit, row => Cursor.Of(row.CreatedAt, row.Id)));
    }

    private static async Task<Answer> CreateAsync(CreateWorkspaceRequest request, CurrentUser user, Mutation mutation, EventLog log, TimeProvider time, CancellationToken ct)
    {
        var check = new Validator();
        var name = check.Text("name", request.Name, 1, MaxName);
        check.ThrowIfInvalid();

        return await log.WriteAloneAsync(mutation, async tx =>
        {
            var now = time.GetMicroseconds();
            var id = Guid.CreateVersion7(now);
            await tx.Connection.ExecuteAsync(tx.Transaction,
                "insert into workspaces (id, name, created_at, created_by) values (@id, @name, @now, @userId)", new { id, name, now, userId = user.Id }, ct);
            var owner = await Members.AddAsync(tx, id, user.Id, Roles.Owner, now, ct);
            tx.Append(Members.Added(owner!, id, user.Id, user.Name, mutation, now));
            return Answer.Created($"/api/workspaces/{id}", new WorkspaceDto(id, name, Roles.Owner, Head: 1, now));
        }, ct);
    }

    private static async Task<Ok<WorkspaceDto>> GetAsync(Membership membership, NpgsqlDataSource db, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        return TypedResults.Ok(await connection.FirstOrDefaultAsync<WorkspaceDto>(null, FindSql, new { membership.Role, membership.WorkspaceId }, ct)
            ?? throw new ProblemException(Problems.NotFound())); // It was deleted meanwhile.
    }

    private static async Task<Answer> UpdateAsync(UpdateWorkspaceRequest request, Membership membership, Mutation mutation, EventLog log, TimeProvider time, CancellationToken ct)
    {
        var check = new Validator();
        var name = request.Name.IsSet ? check.Text("name", request.Name.Value, 1, MaxName) : null;
        check.ThrowIfInvalid();

        return await log.WriteAloneAsync(mutation, async tx =>
        {
            var caller = await membership.RecheckAsync(tx.Connection, tx.Transaction, Permission.RenameWorkspace, ct);
            var before = await LockAsync(tx, caller, ct);
            if (name is null || name == before.Name) return Answer.Ok(before);

            var now = time.GetMicroseconds();
            await tx.Connection.ExecuteAsync(tx.Transaction, "update workspaces set name = @name where id = @WorkspaceId", new { name, caller.WorkspaceId }, ct);
            tx.Append(new EventDraft
            {
                Type = EventTypes.WorkspaceUpdated,
                WorkspaceId = caller.WorkspaceId,
                Payload = ApiJson.Element(new WorkspaceChange(name)),
                UserId = caller.UserId,
                UserName = caller.UserName,
                MutationId = mutation.Id,
                Timestamp = now,
            });
            return Answer.Ok(before with { Name = name, Head = before.Head + 1 });
        }, ct);
    }

    /// <summary>With the row and the memberships, the workspace is gone for everybody. What was in it goes in the background.</summary>
    private static async Task<NoContent> DeleteAsync(Membership membership, NpgsqlDataSource db, Memberships memberships, WorkspaceRemoval removal, CancellationToken ct)
    {
        await db.RunAsync(async (connection, transaction) =>
        {
            await membership.RecheckAsync(connection, transaction, Permission.DeleteWorkspace, ct);
            return await connection.ExecuteAsync(transaction, "delete from workspaces where id = @WorkspaceId", new { membership.WorkspaceId }, ct);
        }, ct);
        removal.Wake();
        await memberships.ChangedAsync(membership.WorkspaceId);
        return TypedResults.NoContent();
    }

    /// <summary>The workspace as the member sees it, held until the commit: nobody else appends to its log before.</summary>
    public static async Task<WorkspaceDto> LockAsync(WorkspaceTransaction tx, Membership membership, CancellationToken ct) =>
        await tx.Connection.FirstOrDefaultAsync<WorkspaceDto>(tx.Transaction, FindSql + " for no key update", new { membership.Role, membership.WorkspaceId }, ct)
        ?? throw new ProblemException(Problems.NotFound());
}
