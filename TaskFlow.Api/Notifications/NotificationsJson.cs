using System.Text.Json;
using System.Text.Json.Serialization;
using TaskFlow.Api.Http;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Notifications;

/// <summary>A page of notifications, and how many are unread in all.</summary>
internal sealed record NotificationPage(IReadOnlyList<Notification> Data, string? NextCursor, long UnreadCount);

/// <summary>Which notifications were read: these, or all.</summary>
internal sealed record ReadNotifications(IReadOnlyList<Guid>? Ids, bool? All);

/// <summary>Which kinds of notifications a person wants.</summary>
internal sealed record NotificationPreferences(bool Mention, bool Assigned, bool Status, bool Overwritten)
{
    public static readonly NotificationPreferences Default = new(true, true, true, true);
}

/// <summary>New preferences; those left out stay.</summary>
internal sealed record NewPreferences(bool? Mention, bool? Assigned, bool? Status, bool? Overwritten);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(NotificationPage))]
[JsonSerializable(typeof(ReadNotifications))]
[JsonSerializable(typeof(NotificationPreferences))]
[JsonSerializable(typeof(NewPreferences))]
internal sealed partial class NotificationsJson : JsonSerializerContext;
