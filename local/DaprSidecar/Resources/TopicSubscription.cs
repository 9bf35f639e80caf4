namespace TaskFlow.Local.DaprSidecar.Resources;

/// <summary>A topic that the app wants, and where its events go.</summary>
internal sealed record TopicSubscription
{
    public required string PubSub { get; init; }
    public required string Topic { get; init; }

    /// <summary>Tried in order; the first that matches gets the event.</summary>
    public required IReadOnlyList<RouteRule> Rules { get; init; }

    public string? DeadLetterTopic { get; init; }

    /// <summary>Messages are not CloudEvents: wrap what arrives as bytes.</summary>
    public bool RawPayload { get; init; }

    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether it came from a file; else from the app.</summary>
    public bool IsDeclared { get; init; }
}
