using Microsoft.AspNetCore.Http.HttpResults;
using TaskFlow.Api.Access;
using TaskFlow.Api.Http;

namespace TaskFlow.Api.Comments;

internal static class CommentsApi
{
    public static void AddComments(this IServiceCollection services)
    {
        services.AddSingleton<CommentWriter>();
        services.AddSingleton<CommentQueries>();
    }

    public static void MapComments(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/workspaces/{ws}/tasks/{id:guid}/comments").WithTags("Comments")
            .RequireAuthorization().RequirePermission(Permission.ReadWorkspace);
        group.MapGet("/", ListAsync).WithSummary("Comments on the task, oldest first.");
        group.MapPost("/", CreateAsync).RequirePermissionToChange(Permission.WriteComments)
            .Produces<Comment>(StatusCodes.Status201Created).WithSummary("Writes a comment; @Full Name and @e-mail tell the people named.");
        group.MapPatch("/{c:guid}", ChangeAsync).RequirePermissionToChange(Permission.WriteComments).Produces<Comment>().WithSummary("Edits one's own comment.");
        group.MapDelete("/{c:guid}", DeleteAsync).RequirePermissionToChange(Permission.WriteComments).WithSummary("Deletes one's own comment; admins delete anybody's.");
    }

    private static async Task<Ok<Page<Comment>>> ListAsync(Guid id, Membership member, [AsParameters] PageQuery page, CommentQueries comments, CancellationToken ct) =>
        TypedResults.Ok(await comments.ListAsync(member.WorkspaceId, id, page, ct) ?? throw new ProblemException(Problems.NotFound("There is no such task.")));

    private static Task<Answer> CreateAsync(Guid id, NewComment comment, Membership member, Mutation mutation, CommentWriter writer, CancellationToken ct) =>
        writer.CreateAsync(member, mutation, id, comment, ct);

    private static Task<Answer> ChangeAsync(
        Guid id, Guid c, CommentPatch patch, Membership member, Mutation mutation, CommentWriter writer, CancellationToken ct) =>
        writer.ChangeAsync(member, mutation, id, c, patch, ct);

    private static async Task<NoContent> DeleteAsync(Guid id, Guid c, Membership member, CommentWriter writer, CancellationToken ct)
    {
        await writer.DeleteAsync(member, id, c, ct);
        return TypedResults.NoContent();
    }
}
