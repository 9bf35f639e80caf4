using Microsoft.AspNetCore.Http.HttpResults;
using TaskFlow.Api.Access;
using TaskFlow.Api.Http;

namespace TaskFlow.Api.Projects;

internal static class ProjectsApi
{
    public static void AddProjects(this IServiceCollection services)
    {
        services.AddSingleton<ProjectWriter>();
        services.AddSingleton<ProjectQueries>();
    }

    public static void MapProjects(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/workspaces/{ws}/projects").WithTags("Projects").RequireAuthorization().RequirePermission(Permission.ReadWorkspace);
        group.MapGet("/", ListAsync).WithSummary("Projects of the workspace, oldest first.");
        group.MapGet("/{p:guid}", GetAsync).WithSummary("A project.");
        group.MapPost("/", CreateAsync).RequirePermission(Permission.WriteProjects)
            .Produces<Project>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status409Conflict).WithSummary("Creates a project.");
        group.MapPatch("/{p:guid}", ChangeAsync).RequirePermission(Permission.WriteProjects).Produces<Project>().WithSummary("Renames a project; its key stays.");
        group.MapDelete("/{p:guid}", DeleteAsync).RequirePermission(Permission.WriteProjects).WithSummary("Deletes a project with its tasks.");
    }

    private static async Task<Ok<Page<Project>>> ListAsync(Membership member, [AsParameters] PageQuery page, ProjectQueries projects, CancellationToken ct) =>
        TypedResults.Ok(await projects.ListAsync(member.WorkspaceId, page, ct));

    private static async Task<Ok<Project>> GetAsync(Guid p, Membership member, ProjectQueries projects, CancellationToken ct) =>
        TypedResults.Ok(await projects.FindAsync(member.WorkspaceId, p, ct) ?? throw new ProblemException(Problems.NotFound("There is no such project.")));

    private static Task<Answer> CreateAsync(NewProject project, Membership member, Mutation mutation, ProjectWriter writer, CancellationToken ct) =>
        writer.CreateAsync(member, mutation, project, ct);

    private static Task<Answer> ChangeAsync(Guid p, ProjectPatch patch, Membership member, Mutation mutation, ProjectWriter writer, CancellationToken ct) =>
        writer.ChangeAsync(member, mutation, p, patch, ct);

    private static async Task<NoContent> DeleteAsync(Guid p, Membership member, ProjectWriter writer, CancellationToken ct)
    {
        await writer.DeleteAsync(member, p, ct);
        return TypedResults.NoContent();
    }
}
