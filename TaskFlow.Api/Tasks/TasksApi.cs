using Microsoft.AspNetCore.Http.HttpResults;
using TaskFlow.Api.Access;
using TaskFlow.Api.Http;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Tasks;

internal static class TasksApi
{
    public static void AddTasks(this IServiceCollection services)
    {
        services.AddSingleton<TaskWriter>();
        services.AddSingleton<TaskQueries>();
    }

    public static void MapTasks(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/workspaces/{ws}").WithTags("Tasks").RequireAuthorization().RequirePermission(Permission.ReadWorkspace);
        group.MapGet("/tasks", ListAsync).WithSummary("Tasks of the workspace, oldest first, filtered.");
        group.MapGet("/projects/{p:guid}/tasks", ListOfProjectAsync).WithSummary("Tasks of a project, oldest first.");
        group.MapPost("/projects/{p:guid}/tasks", CreateAsync).RequirePermissionToChange(Permission.WriteTasks)
            .Produces<TaskItem>(StatusCodes.Status201Created).WithSummary("Creates a task at the end of its project.");
        group.MapGet("/tasks/{id:guid}", GetAsync).WithSummary("A task; its version is the ETag.");
        group.MapPatch("/tasks/{id:guid}", ChangeAsync).RequirePermissionToChange(Permission.WriteTasks)
            .Produces<TaskItem>().ProducesProblem(StatusCodes.Status412PreconditionFailed)
            .WithSummary("Changes a task's fields. With version, changes of other fields merge; with If-Match, a task that has changed is left alone.");
        group.MapDelete("/tasks/{id:guid}", DeleteAsync).RequirePermissionToChange(Permission.WriteTasks).WithSummary("Deletes a task with its comments.");
        group.MapGet("/tasks/{id:guid}/activity", ActivityAsync).WithSummary("The task's events, newest first.");
    }

    private static async Task<Ok<Page<TaskItem>>> ListAsync(
        Membership member, [AsParameters] TaskFilter filter, [AsParameters] PageQuery page, TaskQueries tasks, CancellationToken ct) =>
        TypedResults.Ok(await tasks.ListAsync(member.WorkspaceId, member.UserId, filter, page, ct));

    private static async Task<Ok<Page<TaskItem>>> ListOfProjectAsync(Guid p,
        Membership member, [AsParameters] TaskFilter filter, [AsParameters] PageQuery page, TaskQueries tasks, Projects.ProjectQueries projects, CancellationToken ct)
    {
        if (await projects.FindAsync(member.WorkspaceId, p, ct) is null) throw new ProblemException(Problems.NotFound("There is no such project."));
        return TypedResults.Ok(await tasks.ListAsync(member.WorkspaceId, member.UserId, filter with { Project = p.ToString() }, page, ct));
    }

    private static Task<Answer> CreateAsync(Guid p, NewTask task, Membership member, Mutation mutation, TaskWriter writer, CancellationToken ct) =>
        writer.CreateAsync(member, mutation, p, task, ct);

    private static async Task<Ok<TaskItem>> GetAsync(Guid id, Membership member, HttpResponse response, TaskQueries tasks, CancellationToken ct)
    {
        var task = await tasks.FindAsync(member.WorkspaceId, id, ct) ?? throw new ProblemException(Problems.NotFound("There is no such task."));
        response.Headers.ETag = task.ETag;
        return TypedResults.Ok(task);
    }

    private static Task<Answer> ChangeAsync(
        Guid id, TaskPatch patch, Membership member, Mutation mutation, HttpRequest request, TaskWriter writer, CancellationToken ct) =>
        writer.ChangeAsync(member, mutation, id, patch, request, ct);

    private static async Task<NoContent> DeleteAsync(Guid id, Membership member, HttpRequest request, TaskWriter writer, CancellationToken ct)
    {
        await writer.DeleteAsync(member, id, request, ct);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<Page<WorkspaceEvent>>> ActivityAsync(Guid id, Membership member, [AsParameters] PageQuery page, TaskQueries tasks, CancellationToken ct) =>
        TypedResults.Ok(await tasks.ActivityAsync(member.WorkspaceId, id, page, ct) ?? throw new ProblemException(Problems.NotFound("There is no such task.")));
}
