using System.Net.Sockets;
using TaskFlow.Push.Access;
using TaskFlow.Push.Connections;
using TaskFlow.Push.Presence;
using TaskFlow.Push.WorkspaceLogs;

namespace TaskFlow.Push.Transports;

/// <content>What goes out and in which order. Everything here runs under the connection's lock, except while it waits for a socket or the feed.</content>
internal abstract partial class StreamConnection
{
    private const int WaitingChunk = 16 * 1024;

    private enum Source : byte { Lane, Partial, Outbox }

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

    /// <summary>
    /// What the ring no longer has: from a page of the feed, shared with everybody who is as far behind. One frame at a time, since a client that does not read
    /// must not make the instance hold the whole page for it.
    /// </summary>
    private async Task ReadBehindAsync()
    {
        HistoryPage? page;
        try { page = await Log.History.ReadAsync(_seq); }
        catch (ApiUnavailableException)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), Services.Clock.Provider);
            return;
        }
        var batch = page?.BatchAfter(_seq);
        if (compressed) batch?.Compressed(Services.Telemetry); // Outside the lock: 48 KB take a moment.
        lock (this)
        {
            _behind = false;
            if (_gone || Log.Generation != _generation) return;
            if (batch is null)
            {
                Reset("The missed events are no longer kept.");
                return;
            }
            _outbox ??= new Outbox();
            if (compressed) _outbox.Add(batch.Compressed(Services.Telemetry));
            else _outbox.Add(framing, batch.LastSeq, batch.Json);
            foreach (var json in batch.NotificationsFor(UserId)) _outbox.Add(framing, null, Frames.Notification(json));
            _seq = _notifiedSeq = batch.LastSeq;
        }
    }
}
