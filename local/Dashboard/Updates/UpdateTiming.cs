namespace TaskFlow.Local.Dashboard.Updates;

/// <summary>The hops of one update, in the order in which it takes them.</summary>
public enum Hop { Http, Transaction, Relay, Dapr, Redis, FanOut }

/// <summary>How long one update took from the request to the last socket write, and where the time went. Times in nanoseconds.</summary>
public sealed class UpdateTiming
{
    public required string TraceId { get; init; }

    public required string Name { get; init; }

    public required long Start { get; init; }

    /// <summary>By <see cref="Hop"/>. They add up to <see cref="Total"/>: what cannot be told apart counts for the later hop.</summary>
    public required long[] Hops { get; init; }

    /// <summary>The span of this trace to look at for each hop: its own, else the one behind which it begins.</summary>
    public required string?[] SpanIds { get; init; }

    /// <summary>Until the caller had its answer.</summary>
    public required long Response { get; init; }

    /// <summary>Push instances that wrote to sockets; 0 while it has reached none.</summary>
    public required int Instances { get; init; }

    public required int Errors { get; init; }

    public bool IsDelivered => Instances > 0;

    public long Total => Hops.Sum();

    public Hop Slowest => (Hop)Array.IndexOf(Hops, Hops.Max());
}

internal static class HopNames
{
    public static readonly Hop[] All = Enum.GetValues<Hop>();

    public static string Name(this Hop hop) => hop switch { Hop.Http => "HTTP", Hop.FanOut => "Fan-out", _ => hop.ToString() };

    public static string Color(this Hop hop) => hop switch
    {
        Hop.Http => "c0",
        Hop.Transaction => "c4",
        Hop.Relay => "c6",
        Hop.Dapr => "c2",
        Hop.Redis => "c5",
        _ => "c1",
    };

    public static string Meaning(this Hop hop) => hop switch
    {
        Hop.Http => "from the request's arrival to the transaction: routing, authentication, validation",
        Hop.Transaction => "the row, the workspace's seq and the event, up to the commit",
        Hop.Relay => "from the commit until the outbox relay calls the sidecar",
        Hop.Dapr => "publish, broker and delivery: from the relay's call to Push's handler",
        Hop.Redis => "Push's handler and the Redis channel, up to the instances with clients",
        _ => "from the workspace's log to the last socket write",
    };
}
