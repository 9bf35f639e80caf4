using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using TaskFlow.Api.Access;
using TaskFlow.Api.Http;
using TaskFlow.Api.Projects;
using TaskFlow.Api.Tasks;

namespace TaskFlow.Api.Events;

internal static class EventsApi
{
    private const int DefaultLimit = 200;

    public static void AddEvents(this IServiceCollection services)
    {
        services.AddSingleton<EventFeed>();
        services.AddSingleton<Snapshot>();
        services.AddSingleton<SnapshotCache>();
        services.AddOptions<RetentionOptions>().BindConfiguration(RetentionOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddHostedService<EventRetention>();
    }

    public static void MapEvents(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/workspaces/{ws}").WithTags("Events").RequireAuthorization().RequirePermission(Permission.ReadWorkspace);
        group.MapGet("/events", ReadAsync).WithSummary("The log behind a position, in order: what a client missed.");
        group.MapGet("/snapshot", SnapshotAsync).Produces<SnapshotBody>().WithSummary("Everything as of exactly its head; the log goes on from there.");
    }

    private static async Task<Ok<EventPage>> ReadAsync(string? after, string? limit, Membership member, EventFeed feed, CancellationToken ct)
    {
        var (position, size) = ParsePosition(after, limit);
        return TypedResults.Ok(await feed.ReadAsync(member.WorkspaceId, position, size, ct) ?? throw new ProblemException(Problems.NotFound()));
    }

    /// <summary>Reads <c>after</c> (0 when left out) and <c>limit</c>; throws a 400 for what is no number or out of range.</summary>
    public static (long After, int Limit) ParsePosition(string? after, string? limit)
    {
        var check = new Validator();
        var position = 0L;
        if (after is not null)
        {
            var isNumber = long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out position);
            check.Require(isNumber, "after", "Must be a whole number, 0 or more.");
        }
        var size = DefaultLimit;
        if (limit is not null)
        {
            var isNumber = int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out size);
            check.Require(isNumber && size is >= 1 and <= EventFeed.MaxLimit, "limit", $"Must be a whole number from 1 to {EventFeed.MaxLimit}.");
        }
        check.ThrowIfInvalid();
        return (position, size);
    }

    private static async Task SnapshotAsync(Membership member, HttpResponse response, Snapshot snapshot, CancellationToken ct)
    {
        var body = await snapshot.ReadAsync(member.WorkspaceId, member.UserId, ct) ?? throw new ProblemException(Problems.NotFound());
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = body.Length;
        await response.BodyWriter.WriteAsync(body, ct);
    }
}

/// <summary>What <see cref="Snapshot"/> writes, for the OpenAPI document.</summary>
internal sealed record SnapshotBody(
    SnapshotWorkspace Workspace, IReadOnlyList<SnapshotMember> Members, IReadOnlyList<Project> Projects, IReadOnlyList<TaskItem> Tasks, long Head, string Epoch);

internal sealed record SnapshotWorkspace(Guid Id, string Name, string Role, long Head, DateTimeOffset CreatedAt);

internal sealed record SnapshotMember(Guid UserId, string Name, string Email, string Role, DateTimeOffset JoinedAt);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(EventPage))]
[JsonSerializable(typeof(SnapshotBody))]
internal sealed partial class EventsJson : JsonSerializerContext;
