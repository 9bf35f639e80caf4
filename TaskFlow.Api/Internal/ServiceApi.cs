using Microsoft.AspNetCore.Http.HttpResults;
using TaskFlow.Api.Events;
using TaskFlow.Api.Http;
using TaskFlow.Contracts;
using TaskFlow.ServiceDefaults;

namespace TaskFlow.Api.Internal;

/// <summary>The routes that Push calls. People have no way in, whatever their token.</summary>
internal static class ServiceApi
{
    public static void AddServiceRoutes(this IServiceCollection services)
    {
        services.AddSingleton<ServiceKeys>();
        services.AddSingleton<ServiceQueries>();
    }

    public static void MapServiceRoutes(this IEndpointRouteBuilder app)
    {
        var keys = app.ServiceProvider.GetRequiredService<ServiceKeys>();
        var group = app.MapGroup(Topology.Routes.Internal).AllowAnonymous().ExcludeFromDescription().RequireServiceKey(keys);
        group.MapGet("/workspaces/{ws:guid}/feed", FeedAsync);
        group.MapGet("/workspaces/{ws:guid}/tasks/{id:guid}", TaskExistsAsync);
        group.MapPost("/heads", HeadsAsync).KeepOutOfTraces();
    }

    private static async Task<Ok<FeedPage>> FeedAsync(Guid ws, string? after, string? limit, bool? members, EventFeed feed, CancellationToken ct)
    {
        var (position, size) = EventsApi.ParsePosition(after, limit);
        return TypedResults.Ok(await feed.ReadForServiceAsync(ws, position, size, members == true, ct) ?? throw new ProblemException(Problems.NotFound()));
    }

    private static async Task<NoContent> TaskExistsAsync(Guid ws, Guid id, ServiceQueries queries, CancellationToken ct) =>
        await queries.HasTaskAsync(ws, id, ct) ? TypedResults.NoContent() : throw new ProblemException(Problems.NotFound());

    private static async Task<Ok<HeadsResponse>> HeadsAsync(HeadsRequest request, ServiceQueries queries, CancellationToken ct)
    {
        // Their being required means that they are there, not that they are no null.
        if (request.Workspaces is null) throw new ProblemException(Problems.Validation("workspaces", "Is required."));
        if (request.Workspaces.Count + request.Sessions.Count > HeadsRequest.MaxIds)
        {
            throw new ProblemException(Problems.Validation(Problems.Body, $"More than {HeadsRequest.MaxIds} ids: ask in parts."));
        }
        return TypedResults.Ok(await queries.ReadHeadsAsync(request, ct));
    }
}
