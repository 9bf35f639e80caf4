using System.ComponentModel.DataAnnotations;

namespace TaskFlow.Push;

/// <summary>Settings of the real-time service (<c>Realtime:*</c>), checked at start. The defaults suit one instance behind a load balancer.</summary>
internal sealed class RealtimeOptions
{
    public const string Section = "Realtime";

    /// <summary>How many events a client may be behind and still be replayed; beyond it is told to load the snapshot.</summary>
    [Range(1, 1_000_000)]
    public int MaxReplay { get; set; } = 5_000;

    /// <summary>What the welcome promises: a heartbeat at least this often.</summary>
    [Range(2, 60)]
    public int HeartbeatSeconds { get; set; } = 15;

    /// <summary>How long a client may send nothing, not even a pong, or take nothing, before it is closed with 4408.</summary>
    [Range(2, 600)]
    public int IdleSeconds { get; set; } = 60;

    /// <summary>How long a connection lives after the last token it showed.</summary>
    [Range(1, 86_400)]
    public int SessionSeconds { get; set; } = 900;

    /// <summary>Open connections of one person on this instance. High, because a load test runs as few people; set a lower one in production.</summary>
    [Range(1, 1_000_000)]
    public int MaxConnectionsPerUser { get; set; } = 20_000;

    /// <summary>Open connections to one workspace on this instance.</summary>
    [Range(1, 1_000_000)]
    public int MaxConnectionsPerWorkspace { get; set; } = 50_000;

    /// <summary>New connections a second, over all clients of this instance; polls that bring their connectionId do not count.</summary>
    [Range(1, 1_000_000)]
    public int HandshakesPerSecond { get; set; } = 2_000;

    /// <summary>How many new connections may come at once before <see cref="HandshakesPerSecond"/> holds.</summary>
    [Range(1, 1_000_000)]
    public int HandshakeBurst { get; set; } = 10_000;

    /// <summary>From the stop signal to the last close: how long clients get to go elsewhere.</summary>
    [Range(0, 600)]
    public double DrainSeconds { get; set; } = 5;

    /// <summary>How long an event that is ahead of its turn waits for the missing ones before the feed is asked.</summary>
    [Range(0, 10_000)]
    public int GapHoldMilliseconds { get; set; } = 75;

    /// <summary>How often the heads of all open workspaces are compared with the Api's.</summary>
    [Range(100, 60_000)]
    public int HeadsMilliseconds { get; set; } = 1_500;

    /// <summary>How much a workspace's ring may hold in each wire format (a second time where clients agreed on compression); what is older comes from the feed.</summary>
    [Range(16 * 1024, 1 << 30)]
    public int RingBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>How long events stay in the ring while nobody needs them.</summary>
    [Range(1, 86_400)]
    public int RingSeconds { get; set; } = 900;

    /// <summary>Whether WebSockets are compressed for clients that offer it (permessage-deflate).</summary>
    public bool Compression { get; set; } = true;

    /// <summary>How long a workspace without connections stays loaded.</summary>
    [Range(1, 86_400)]
    public int IdleLogSeconds { get; set; } = 30;
}
