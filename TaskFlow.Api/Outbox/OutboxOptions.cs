using System.ComponentModel.DataAnnotations;

namespace TaskFlow.Api.Outbox;

/// <summary>How the relay works; the defaults suit production.</summary>
internal sealed class OutboxOptions
{
    public const string Section = "Outbox";

    /// <summary>How long an instance counts as alive after its last sign of life. A dead one's last events are late by this.</summary>
    [Range(2, 600)]
    public int LeaseSeconds { get; init; } = 8;

    /// <summary>How often progress is written down.</summary>
    [Range(50, 60_000)]
    public int FlushMilliseconds { get; init; } = 500;

    /// <summary>How many events of one lane wait in memory while the broker is away; what is beyond is read from the table later.</summary>
    [Range(1, 1_000_000)]
    public int Capacity { get; init; } = 2_000;
}
