using System.Text.Json.Serialization;

namespace TaskFlow.Contracts;

/// <summary>The <c>type</c> of every frame that is not an event (docs/protocol.md).</summary>
public static class FrameTypes
{
    /// <summary>Server: the first frame, always.</summary>
    public const string Welcome = "welcome";

    /// <summary>Server: several events in one frame.</summary>
    public const string Batch = "batch";

    /// <summary>Server: who is on a task now. </summary>
    public const string Presence = "presence";

    /// <summary>Server: something for this person only.</summary>
    public const string Notification = "notification";

    /// <summary>Server: at least every 15 s, with the head.</summary>
    public const string Heartbeat = "heartbeat";

    /// <summary>Server: load the snapshot.</summary>
    public const string Reset = "reset";

    /// <summary>Server: a client's frame was refused.</summary>
    public const string Error = "error";

    /// <summary>Server: the instance drains.</summary>
    public const string GoAway = "goaway";

    /// <summary>Server: answers <see cref="Ping"/>.</summary>
    public const string Pong = "pong";

    /// <summary>Client: I view this task.</summary>
    public const string PresenceJoin = "presence.join";

    /// <summary>Client: I no longer view this task.</summary>
    public const string PresenceLeave = "presence.leave";

    /// <summary>Client: I type (or no longer type) in this task.</summary>
    public const string PresenceTyping = "presence.typing";

    /// <summary>Client: I am still here.</summary>
    public const string PresenceHeartbeat = "presence.heartbeat";

    /// <summary>Client: a newer token, extending the session.</summary>
    public const string Auth = "auth";

    /// <summary>Client: asks for a <see cref="Pong"/>.</summary>
    public const string Ping = "ping";
}

/// <summary>The values of <see cref="WelcomeFrame.Resume"/>.</summary>
public static class ResumeModes
{
    /// <summary>Nothing was missed.</summary>
    public const string Live = "live";

    /// <summary>The missed events follow.</summary>
    public const string Replay = "replay";

    /// <summary>The missed events are not to be had: load the snapshot, go on from its head.</summary>
    public const string Reset = "reset";
}

/// <summary>The first frame of a connection.</summary>
public sealed record WelcomeFrame(Guid WorkspaceId, string ConnectionId, long Head, string Epoch, string Resume, int HeartbeatSeconds)
{
    /// <summary>Always <see cref="FrameTypes.Welcome"/>.</summary>
    [JsonPropertyOrder(-1)]
    public string Type => FrameTypes.Welcome;
}

/// <summary>Who is on a task now.</summary>
public sealed record PresenceFrame(Guid TaskId, IReadOnlyList<PresenceViewer> Viewers)
{
    /// <summary>Always <see cref="FrameTypes.Presence"/>.</summary>
    [JsonPropertyOrder(-1)]
    public string Type => FrameTypes.Presence;
}

/// <summary>One person on a task, however many tabs they have there.</summary>
/// <param name="UserId">The user's id.</param>
/// <param name="Name">The user's name.</param>
/// <param name="Typing">Whether they type in it right now.</param>
/// <param name="Since">Since when, UTC: the earliest of their connections.</param>
public sealed record PresenceViewer(Guid UserId, string Name, bool Typing, DateTimeOffset Since);

/// <summary>A notification for the person behind the connection.</summary>
public sealed record NotificationFrame(Notification Notification)
{
    /// <summary>Always <see cref="FrameTypes.Notification"/>.</summary>
    [JsonPropertyOrder(-1)]
    public string Type => FrameTypes.Notification;
}

/// <summary>Says that the connection lives and where the log's head is.</summary>
public sealed record HeartbeatFrame(long Head)
{
    /// <summary>Always <see cref="FrameTypes.Heartbeat"/>.</summary>
    [JsonPropertyOrder(-1)]
    public string Type => FrameTypes.Heartbeat;
}

/// <summary>The client fell too far behind: load the snapshot, go on from its head.</summary>
public sealed record ResetFrame(string Reason)
{
    /// <summary>Always <see cref="FrameTypes.Reset"/>.</summary>
    [JsonPropertyOrder(-1)]
    public string Type => FrameTypes.Reset;
}

/// <summary>A client's frame was refused; <see cref="Code"/> is one of <see cref="ErrorCodes"/>.</summary>
public sealed record ErrorFrame(string Code, string Message, string? Ref)
{
    /// <summary>Always <see cref="FrameTypes.Error"/>.</summary>
    [JsonPropertyOrder(-1)]
    public string Type => FrameTypes.Error;
}

/// <summary>The instance drains: reconnect after that time.</summary>
public sealed record GoAwayFrame(int RetryAfterMs)
{
    /// <summary>Always <see cref="FrameTypes.GoAway"/>.</summary>
    [JsonPropertyOrder(-1)]
    public string Type => FrameTypes.GoAway;
}

/// <summary>Answers a client's ping.</summary>
public sealed record PongFrame(string? Ref)
{
    /// <summary>Always <see cref="FrameTypes.Pong"/>.</summary>
    [JsonPropertyOrder(-1)]
    public string Type => FrameTypes.Pong;
}
