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
internal abstract class StreamConnection(PushServices services, WorkspaceLog log, Caller caller, TransportKind kind, Framing framing, ResumePlan plan, bool compressed = false)
    : Connection(services, log, caller, kind), ITakeover
{
    private const int ClosingSeconds = 3;
    private const int WaitingChunk = 16 * 1024;
    private const int MaxOwnBytes = 256 * 1024;

    private enum Source : byte { Lane, Partial, Outbox }

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

    public async Task RunAsync(PipeReader input, Wire wire)
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

    private void Pump()
    {
        while (!_busy && !_gone)
        {
            var chunk = Next();
            if (chunk.IsEmpty)
            {
                if (_behind) StartWaiting();
                return;
            }
            var sent = _wire!.TrySend(chunk.Span);
            if (sent < 0)
            {
                Abort();
                return;
            }
            Advance(sent);
            if (sent < chunk.Length) StartWaiting();
        }
    }

    /// <summary>What to send next: the rest of a frame, then the client's own frames, then all that lies ahead in the segment.</summary>
    private ReadOnlyMemory<byte> Next()
    {
        if (_partialEnd > 0)
        {
            _source = Source.Partial;
            return _segment!.Slice(_offset, _partialEnd);
        }
        if (_outbox is null && !_closing) Collect();
        if (_outbox is not null)
        {
            _source = Source.Outbox;
            return _outbox.Bytes;
        }
        if (_closing)
        {
            if (!_flushed && (_flushed = true) && MayEnd()) EndReceiving();
            return default;
        }
        _source = Source.Lane;
        while (_segment is { } segment)
        {
            var next = segment.Next; // Read before the count: what is linked behind was complete before.
            var end = segment.End(segment.Count);
            if (end > _offset) return segment.Slice(_offset, end);
            if (next is null) return default;
            (_segment, _offset) = (next == Segment.Lost ? null : next, 0);
        }
        if (Log.TrySeek(framing, _seq, _generation, out var position)) (_segment, _offset) = compressed ? position.Compressed(Services.Telemetry) : position;
        else _behind = true;
        return _behind ? default : Next();
    }

    private void Advance(int sent)
    {
        switch (_source)
        {
            case Source.Outbox:
                _outbox!.Consume(sent);
                if (_outbox.Length == 0) ReleaseOutbox();
                return;
            case Source.Partial:
                _offset += sent;
                if (_offset < _partialEnd) return;
                _partialEnd = 0;
                _seq++;
                return;
            default:
                _offset += sent;
                var count = _segment!.CountAt(_offset);
                _seq = _segment.FirstSeq + count - 1;
                if (_offset != _segment.End(count)) _partialEnd = _segment.End(count + 1);
                return;
        }
    }

    /// <summary>Between two frames: what is not in the lane but due. Costs three comparisons when there is nothing.</summary>
    private void Collect()
    {
        if (Log.Generation != _generation) Reset("The log was restarted: events may have been rewritten.");
        if (Log.Presence.Version != _presenceSeen)
        {
            var entries = Log.Presence.Entries;
            foreach (var entry in PresenceBoard.ChangedSince(entries, _presenceSeen)) (_outbox ??= new Outbox()).Add(entry.In(framing));
            _presenceSeen = entries.Length > 0 ? entries[0].Version : 0;
        }
        if (Log.LastNotificationSeq > _notifiedSeq)
        {
            foreach (var json in Log.NotificationsFor(UserId, _notifiedSeq, _seq)) (_outbox ??= new Outbox()).Add(framing, null, Frames.Notification(json));
            _notifiedSeq = _seq;
        }
    }

    private void Reset(string reason)
    {
        var position = Log.SeekHead(framing);
        _generation = position.Generation;
        _seq = _notifiedSeq = position.Seq;
        Stand(position.Lane);
        _behind = false;
        var outbox = _outbox ??= new Outbox();
        outbox.Add(framing, null, Frames.Reset(reason));
        outbox.Add(framing, null, Frames.Heartbeat(position.Head));
        Services.Telemetry.Reset();
    }

    private void StartWaiting()
    {
        _busy = true;
        _ = WaitAndSendAsync();
    }

    private async Task WaitAndSendAsync()
    {
        try
        {
            while (true)
            {
                ReadOnlyMemory<byte> chunk;
                lock (this)
                {
                    chunk = _gone ? default : Next();
                    if (_gone || (chunk.IsEmpty && !_behind))
                    {
                        _busy = false;
                        _stalledAt = int.MaxValue;
                        if (_gone) ReleaseOutbox();
                        return;
                    }
                    _stalledAt = chunk.IsEmpty ? int.MaxValue : Services.Clock.Seconds;
                }
                if (chunk.IsEmpty)
                {
                    await ReadBehindAsync();
                    continue;
                }
                if (chunk.Length > WaitingChunk) chunk = chunk[..WaitingChunk];
                await _wire!.SendAsync(chunk, CancellationToken.None);
                lock (this) Advance(chunk.Length);
            }
        }
        catch (Exception error) when (error is IOException or SocketException or OperationCanceledException or InvalidOperationException or ObjectDisposedException)
        {
            lock (this) Abort();
        }
    }

    /// <summary>What the ring no longer has: a page from the feed, shared with everybody who is as far behind.</summary>
    private async Task ReadBehindAsync()
    {
        HistoryPage? page;
        try { page = await Log.History.ReadAsync(_seq); }
        catch (ApiUnavailableException)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), Services.Clock.Provider);
            return;
        }
        var batches = page?.BatchesAfter(_seq);
        if (compressed) batches?.ForEach(batch => batch.Compressed(Services.Telemetry)); // Outside the lock: 48 KB take a moment.
        lock (this)
        {
            _behind = false;
            if (_gone || Log.Generation != _generation) return;
            if (batches is null) Reset("The missed events are no longer kept.");
            else
            {
                foreach (var batch in batches)
                {
                    _outbox ??= new Outbox();
                    if (compressed) _outbox.Add(batch.Compressed(Services.Telemetry));
                    else _outbox.Add(framing, batch.LastSeq, batch.Json);
                    foreach (var json in batch.NotificationsFor(UserId)) _outbox.Add(framing, null, Frames.Notification(json));
                    _seq = _notifiedSeq = batch.LastSeq;
                }
            }
        }
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
        if ((tick.Seconds + (int)(Id % period)) % period != 0) return;
        var frame = tick.Heartbeat.In(framing, ping: (tick.Seconds / period & 1) == 0);
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
