using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using TaskFlow.Contracts;
using TaskFlow.Push.Access;
using TaskFlow.Push.Connections;
using TaskFlow.Push.Presence;
using TaskFlow.Push.Telemetry;
using TaskFlow.Push.WorkspaceLogs;

namespace TaskFlow.Push.Transports;

/// <summary>
/// A connection that stays open (WebSocket, event stream): a cursor into its lane of the log. All sending happens under the connection's own
/// lock, by whoever has something new, straight to the socket; only a client that does not take it gets a task that waits for it.
/// </summary>
internal abstract partial class StreamConnection(PushServices services, WorkspaceLog log, Caller caller, TransportKind kind, Framing framing, ResumePlan plan, bool compressed = false)
    : Connection(services, log, caller, kind), ITakeover
{
    private const int ClosingSeconds = 3;
    private const int MaxOwnBytes = 256 * 1024;

    private Wire? _wire;
    private PipeReader? _input;
    private Segment? _segment;
    private Outbox? _outbox;
    private long _seq = plan.After;
    private long _notifiedSeq;
    private long _presenceSeen;
    private int _offset;
    private int _partialEnd;
    private int _generation;
    private int _stalledAt = int.MaxValue;
    private int _closeBy;
    private Source _source;
    private bool _busy = true; // Until the welcome lies in the outbox.
    private bool _behind;
    private bool _closing;
    private bool _flushed;
    private bool _gone;

    public override long Seq => Volatile.Read(ref _seq);
    public ResumePlan Plan => plan;
    public Framing Framing => framing;

    /// <summary>Whether client and server may compress their messages.</summary>
    protected bool Compressed => compressed;

    protected bool Closing => _closing;

    public virtual async Task RunAsync(PipeReader input, Wire wire)
    {
        (_wire, _input) = (wire, input);
        try
        {
            Start();
            await ReceiveAsync(input);
        }
        catch (Exception error) when (error is IOException or SocketException or OperationCanceledException or InvalidOperationException or ObjectDisposedException) { }
        finally
        {
            lock (this)
            {
                _gone = true;
                _segment = null;
                if (!_busy) ReleaseOutbox();
            }
            Log.Detach(this);
            Services.Sessions.Left(this);
            if (Viewing is not null) await Services.Presence.LeftAsync(this);
        }
    }

    public override int Touch() => (int)_seq + _stalledAt + (int)Id + (_wire?.Touch() ?? 0);

    public override void Wake()
    {
        lock (this) Pump();
    }

    public override void Send(ReadOnlySpan<byte> json)
    {
        lock (this)
        {
            if (_gone || _closing) return;
            (_outbox ??= new Outbox()).Add(framing, null, json);
            PumpOwn();
        }
    }

    public override void Close(CloseReason reason)
    {
        lock (this)
        {
            if (_gone || _closing) return;
            WriteClose(_outbox ??= new Outbox(), reason);
            StartClosing(reason.Code);
        }
    }

    public override void Tick(in TickContext tick)
    {
        base.Tick(tick);
        lock (this)
        {
            if (_gone) return;
            if (_closing && tick.Seconds >= _closeBy) Abort();
            else if (_busy) TickStalled(tick);
            else if (!_closing && IsSilent(tick)) Close(CloseReason.Idle);
            else if (!_closing) TickHeartbeat(tick);
        }
    }

    /// <summary>Reads what the client sends until the connection is over.</summary>
    protected abstract Task ReceiveAsync(PipeReader input);

    /// <summary>Writes the transport's way of saying why it ends.</summary>
    protected abstract void WriteClose(Outbox outbox, CloseReason reason);

    /// <summary>All is out after a close: whether the connection may end now, or waits for the client to have its say.</summary>
    protected abstract bool MayEnd();

    /// <summary>Whether the client has given no sign of life for too long.</summary>
    protected virtual bool IsSilent(in TickContext tick) => false;

    /// <summary>For frames of the transport itself (pong, close), already in its format.</summary>
    protected void SendRaw(ReadOnlySpan<byte> bytes, bool closing = false, int code = 0)
    {
        lock (this)
        {
            if (_gone || _closing) return;
            (_outbox ??= new Outbox()).Add(bytes);
            if (closing) StartClosing(code);
            else PumpOwn();
        }
    }

    /// <summary>Whoever asks and asks without reading the answers is not worth the memory.</summary>
    private void PumpOwn()
    {
        if (_outbox!.Length > MaxOwnBytes && _busy) Break(CloseReason.Idle);
        else Pump();
    }

    /// <summary>Ends <see cref="ReceiveAsync"/> from anywhere.</summary>
    protected void EndReceiving() => _input?.CancelPendingRead();

    protected void EndOutput() => _wire?.EndOutput();

    private void Start()
    {
        lock (this)
        {
            if (Services.Drain.Started) Close(CloseReason.Drain);
            else if (!Log.TryAttach(this)) Close(CloseReason.NotMember);
            _busy = false;
            Pump();
        }
    }

    /// <summary>Called by the log, under its lock, with the place that the plan leads to.</summary>
    public void Attached(in LogPosition position, string mode)
    {
        _generation = position.Generation;
        _seq = _notifiedSeq = position.Seq;
        Stand(position.Lane);
        var welcome = new WelcomeFrame(Log.Id, PublicId, position.Head, position.Epoch, mode, Services.Options.HeartbeatSeconds);
        (_outbox ??= new Outbox()).Add(framing, null, Frames.Welcome(welcome));
    }

    /// <summary>On compressed frames the place is found on the first read only: getting there takes a moment, and this is called under the log's lock.</summary>
    private void Stand(LanePosition? place) => (_segment, _offset) = place is { } found && !compressed ? (found.Segment, found.Offset) : (null, 0);

    private void StartClosing(int code)
    {
        _closing = true;
        _closeBy = Services.Clock.Seconds + ClosingSeconds;
        if (code != 0) Services.Telemetry.Closed(Kind, code);
        Pump();
    }

    private void TickStalled(in TickContext tick)
    {
        if (_stalledAt != int.MaxValue && tick.Seconds - _stalledAt >= tick.IdleSeconds)
        {
            Break(CloseReason.Idle);
        }
    }

    private void TickHeartbeat(in TickContext tick)
    {
        // A little earlier than promised, and spread over the period by the connection's id.
        var period = Math.Max(1, Services.Options.HeartbeatSeconds * 4 / 5);
        var shift = (int)(Id % period);
        if (!tick.IsTurn(period, shift)) return;
        var frame = tick.Heartbeat.In(framing, ping: tick.IsTurn(period * 2, shift));
        Pump();
        if (_busy || _gone) return;
        (_outbox ??= new Outbox()).Add(frame);
        Pump();
    }

    private void Break(CloseReason reason)
    {
        Services.Telemetry.Closed(Kind, reason.Code);
        Abort();
    }

    private void Abort()
    {
        _gone = true;
        _wire?.Abort();
        EndReceiving();
    }

    private void ReleaseOutbox()
    {
        _outbox?.Release();
        _outbox = null;
    }
}
