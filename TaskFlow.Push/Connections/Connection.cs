using TaskFlow.Contracts;
using TaskFlow.Push.Access;
using TaskFlow.Push.Presence;
using TaskFlow.Push.Telemetry;
using TaskFlow.Push.Transports;
using TaskFlow.Push.WorkspaceLogs;

namespace TaskFlow.Push.Connections;

/// <summary>
/// One client of one workspace: a cursor into its log, whatever the transport. What a transport has to bring is small: take a wake-up, take
/// a frame that is for this client alone, and close.
/// </summary>
internal abstract class Connection(PushServices services, WorkspaceLog log, Caller caller, TransportKind kind)
{
    private RateBucket _bucket;
    private byte _badFrames;

    public long Id { get; protected init; } = Random.Shared.NextInt64();
    public TransportKind Kind => kind;
    public PushServices Services => services;
    public WorkspaceLog Log => log;
    public Guid UserId { get; } = caller.UserId;

    /// <summary>The session of the last token shown.</summary>
    public Guid SessionId { get; private set; } = caller.SessionId;

    /// <summary>When it ends unless a newer token is shown, in seconds of the service's clock.</summary>
    public int ExpiresAt { get; private set; } = services.Clock.Seconds + services.Options.SessionSeconds;

    /// <summary>When the client last showed that it lives.</summary>
    public int HeardAt { get; protected set; } = services.Clock.Seconds;

    /// <summary>The tasks the client is on; null for the many that are on none. Only <see cref="PresenceService"/> touches it.</summary>
    public List<Viewing>? Viewing { get; set; }

    /// <summary>Where the connection lies in its log's set; only the set touches it.</summary>
    public (ConnectionShard? Shard, int Index) Place { get; set; }

    /// <summary>Whether it is among its log's connections: false once it is over.</summary>
    public bool IsAttached => Place.Shard is not null;

    public string PublicId => services.Instance.ConnectionId(Id);

    /// <summary>The seq of the last event handed to the client.</summary>
    public abstract long Seq { get; }

    /// <summary>Whether a client waits on it right now; false for a poller between two polls.</summary>
    public virtual bool IsOpen => true;

    /// <summary>Something may have come: send on from the cursor. Never waits, never throws.</summary>
    public abstract void Wake();

    /// <summary>
    /// Reads what <see cref="Wake"/> will need. One connection's objects have to be fetched one after the other, those of several connections at the same time: the
    /// processor waits once instead of for each.
    /// </summary>
    /// <returns>Nothing that means anything: it keeps the reads from being left out.</returns>
    public virtual int Touch() => 0;

    /// <summary>Sends a frame to this client only.</summary>
    public abstract void Send(ReadOnlySpan<byte> json);

    /// <summary>Ends it and says why.</summary>
    public abstract void Close(CloseReason reason);

    /// <summary>Once a second: what a timer would do.</summary>
    public virtual void Tick(in TickContext tick)
    {
        if (tick.Seconds >= ExpiresAt) Close(CloseReason.Expired);
    }

    /// <summary>Whether that many frames may come now, for a request that is refused as a whole otherwise.</summary>
    public bool TakeAllowance(int count)
    {
        lock (this) return _bucket.TryTake(Environment.TickCount, count);
    }

    /// <summary>Handles one frame from the stream, within the rate; completes when the next may be handled.</summary>
    protected ValueTask ReceiveAsync(ReadOnlySpan<byte> json)
    {
        var readable = ClientFrame.TryParse(json, out var frame, out var problem);
        return AllowFrame(frame.Ref) ? HandleAsync(readable, frame, problem) : default;
    }

    /// <summary>Counts a frame against the rate; false when it was too many, and the client has been told so.</summary>
    protected bool AllowFrame(byte[]? reference)
    {
        HeardAt = services.Clock.Seconds;
        switch (TakeFromBucket())
        {
            case Allowance.Refused:
                Refuse(ErrorCodes.RateLimited, "Over 30 frames a second: the frame was dropped.", reference);
                return false;
            case Allowance.Exhausted:
                Refuse(ErrorCodes.RateLimited, "Over 30 frames a second, for too long.", reference);
                Close(CloseReason.Flood);
                return false;
            default:
                return true;
        }
    }

    /// <summary>Handles one frame that was let through already.</summary>
    public ValueTask HandleAsync(ReadOnlySpan<byte> json) => HandleAsync(ClientFrame.TryParse(json, out var frame, out var problem), frame, problem);

    private ValueTask HandleAsync(bool readable, ClientFrame frame, string problem)
    {
        if (!readable)
        {
            RefuseBadFrame(problem, frame.Ref);
            return default;
        }
        switch (frame.Kind)
        {
            case ClientFrameKind.Ping:
                Send(Frames.Pong(frame.Ref));
                return default;
            case ClientFrameKind.Ack:
                log.Acknowledge(this, frame.Seq);
                return default;
            case ClientFrameKind.Auth:
                return new ValueTask(AuthenticateAsync(frame));
            default:
                return new ValueTask(services.Presence.HandleAsync(this, frame));
        }
    }

    /// <summary>Counts a control frame of the transport against the same bucket; false when that was too many.</summary>
    protected bool AllowControlFrame()
    {
        HeardAt = services.Clock.Seconds;
        if (TakeFromBucket() != Allowance.Exhausted) return true;
        Close(CloseReason.Flood);
        return false;
    }

    private Allowance TakeFromBucket()
    {
        lock (this) return _bucket.Take(Environment.TickCount);
    }

    public void Refuse(string code, string message, byte[]? reference) => Send(Frames.Error(code, message, reference));

    protected void RefuseBadFrame(string problem, byte[]? reference)
    {
        Refuse(ErrorCodes.ValidationFailed, problem, reference);
        if (++_badFrames >= 5) Close(CloseReason.BadFrames);
    }

    /// <summary>The client showed this token; the connection now lives and dies with it.</summary>
    protected void Extend(Caller shown)
    {
        SessionId = services.Sessions.Move(SessionId, shown.SessionId);
        ExpiresAt = services.Clock.Seconds + services.Options.SessionSeconds;
    }

    private async Task AuthenticateAsync(ClientFrame frame)
    {
        try
        {
            var shown = await services.Tokens.ReadAsync(frame.Token.AsMemory(), CancellationToken.None);
            if (shown is null || shown.UserId != UserId || !shown.MayOpen(log.Id) || services.Revoked.Contains(shown.SessionId))
                Refuse(ErrorCodes.Unauthorized, "The token is not valid here; the connection ends with the one shown before.", frame.Ref);
            else Extend(shown);
        }
        catch (ApiUnavailableException)
        {
            Refuse(ErrorCodes.Unavailable, "The token cannot be checked just now: send it again.", frame.Ref);
        }
    }
}

/// <summary>What is the same for every connection of a log in one tick. A late one stands for all the seconds since the one before: what was due in them is due now.</summary>
internal readonly record struct TickContext(int Seconds, int SecondsBefore, int IdleSeconds, HeartbeatFrames Heartbeat)
{
    /// <summary>Whether it is the turn of something that is due once in a period; the shift spreads such turns over it.</summary>
    public bool IsTurn(int period, int shift) => (Seconds + shift) / period != (SecondsBefore + shift) / period;
}
