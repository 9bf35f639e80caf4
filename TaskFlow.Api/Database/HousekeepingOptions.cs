using System.ComponentModel.DataAnnotations;

namespace TaskFlow.Api.Database;

/// <summary>What is deleted when. Events have an age of their own: <see cref="Events.RetentionOptions"/>.</summary>
internal sealed class HousekeepingOptions
{
    public const string Section = "Housekeeping";

    /// <summary>How often it is looked after.</summary>
    [Range(1, 86_400)]
    public int IntervalSeconds { get; init; } = 900;

    /// <summary>Notifications that were read are deleted when they are older.</summary>
    [Range(1, 36_500)]
    public int ReadNotificationDays { get; init; } = 90;

    /// <summary>All notifications are deleted when they are older.</summary>
    [Range(1, 36_500)]
    public int NotificationDays { get; init; } = 365;

    public TimeSpan Interval => TimeSpan.FromSeconds(IntervalSeconds);
}
