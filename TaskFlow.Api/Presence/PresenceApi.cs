using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using TaskFlow.Api.Access;
using TaskFlow.Api.Http;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Presence;

/// <summary>Who is on a task now.</summary>
internal sealed record TaskPresence(IReadOnlyList<PresenceViewer> Viewers);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(TaskPresence))]
internal sealed partial class PresenceJson : JsonSerializerContext;

internal static class PresenceApi
{
    public static void AddPresence(this IServiceCollection services) => services.AddSingleton<PresenceReader>();

    public static void MapPresence(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/workspaces/{ws}/tasks/{id:guid}/presence", GetAsync).WithTags("Tasks")
            .RequireAuthorization().RequirePermission(Permission.ReadWorkspace).WithSummary("Who is on the task now, longest there first.");

    private static async Task<Ok<TaskPresence>> GetAsync(Guid id, Membership member, PresenceReader presence, CancellationToken ct) =>
        TypedResults.Ok(new TaskPresence(await presence.ReadAsync(member.WorkspaceId, id, ct) ?? throw new ProblemException(Problems.NotFound("There is no such task."))));
}
