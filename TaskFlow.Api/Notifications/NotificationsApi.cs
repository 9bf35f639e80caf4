using Microsoft.AspNetCore.Http.HttpResults;
using TaskFlow.Api.Http;

namespace TaskFlow.Api.Notifications;

internal static class NotificationsApi
{
    private const int MaxIds = 1_000;

    public static void AddNotifications(this IServiceCollection services) => services.AddSingleton<NotificationStore>();

    public static void MapNotifications(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/notifications").WithTags("Notifications").RequireAuthorization();
        group.MapGet("/", ListAsync).WithSummary("One's own notifications, newest first; unread=true leaves out what was read.");
        group.MapPost("/read", MarkReadAsync).Produces(StatusCodes.Status204NoContent).WithSummary("Marks notifications as read: {ids} or {all: true}.");
        group.MapGet("/preferences", GetPreferencesAsync).WithSummary("Which kinds of notifications one gets.");
        group.MapPut("/preferences", SavePreferencesAsync).WithSummary("Chooses which kinds of notifications one gets; kinds left out stay as they are.");
    }

    private static async Task<Ok<NotificationPage>> ListAsync(
        CurrentUser user, string? unread, [AsParameters] PageQuery page, NotificationStore store, CancellationToken ct)
    {
        if (unread is not (null or "true" or "false")) throw new ProblemException(Problems.Validation("unread", "Must be true or false."));
        return TypedResults.Ok(await store.ListAsync(user.Id, unread == "true", page, ct));
    }

    private static Task<Answer> MarkReadAsync(CurrentUser user, ReadNotifications read, Mutation mutation, NotificationStore store, CancellationToken ct)
    {
        var check = new Validator();
        check.Require(read.All == true || read.Ids is not null, "ids", "Is required unless all is true.");
        check.Require(read.Ids is not { Count: > MaxIds }, "ids", $"Must be at most {MaxIds} ids.");
        check.ThrowIfInvalid();
        return store.MarkReadAsync(user.Id, read.All == true ? null : [.. read.Ids!], mutation, ct);
    }

    private static async Task<Ok<NotificationPreferences>> GetPreferencesAsync(CurrentUser user, NotificationStore store, CancellationToken ct) =>
        TypedResults.Ok(await store.ReadPreferencesAsync(user.Id, ct));

    private static async Task<Ok<NotificationPreferences>> SavePreferencesAsync(
        CurrentUser user, NewPreferences preferences, NotificationStore store, CancellationToken ct) =>
        TypedResults.Ok(await store.SavePreferencesAsync(user.Id, preferences, ct));
}
