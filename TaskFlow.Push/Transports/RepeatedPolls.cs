using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using TaskFlow.Push.Access;
using TaskFlow.Push.Connections;
using TaskFlow.Push.WorkspaceLogs;

namespace TaskFlow.Push.Transports;

/// <summary>
/// The everyday case of a long poller: it asks for the next events with the bytes it asked for these, on the same connection. Such a request is answered
/// right from the socket; HTTP would parse, route and bind anew what is known already, at three times the cost. Whatever is not this everyday case (another
/// request, an answer that is not 200, a question for another service) stays in the input, unconsumed, and HTTP goes on with it.
/// </summary>
internal sealed class RepeatedPolls : QuietInput, IInterlude
{
    /// <summary>Who keeps sending something else in between is better served by Kestrel throughout.</summary>
    private const int MaxInterludes = 3;

    private readonly RepeatedRequest _request;
    private readonly Gate _gate;
    private readonly PollStates _states;
    private readonly PollConnection _poll;
    private readonly Caller _caller;
    private readonly string? _epoch;
    private readonly TimeSpan _wait;
    private Wire _wire = null!;
    private CancellationTokenSource _gone = null!;
    private ResumePlan _plan;
    private volatile bool _isHeld;

    private RepeatedPolls(RepeatedRequest request, Gate gate, PollStates states, PollConnection poll, Caller caller, string? epoch, TimeSpan wait) =>
        (_request, _gate, _states, _poll, _caller, _epoch, _wait) = (request, gate, states, poll, caller, epoch, wait);

    /// <summary>A poll was answered: if its connection allows it, the next ones are taken here.</summary>
    public static void Expect(HttpContext context, Gate gate, PollStates states, PollConnection poll, Caller caller, string? epoch, TimeSpan wait)
    {
        var headers = context.Request.Headers;
        // An origin wants its headers in the answer, and on a connection that ends nothing is repeated.
        if (headers.Origin.Count > 0 || context.Response.Headers.Connection.Count > 0) return;
        if (headers.Connection.Count > 0 && !"keep-alive".Equals(headers.Connection, StringComparison.OrdinalIgnoreCase)) return;
        if (context.Request.ContentLength is not null || headers.TransferEncoding.Count > 0 || !HttpProtocol.IsHttp11(context.Request.Protocol)) return;
        if (Takeover.Of(context) is not { Interludes: < MaxInterludes } takeover) return;
        if (takeover.RequestHead() is { } head && RepeatedRequest.Of(head) is { } request) takeover.Lend(new RepeatedPolls(request, gate, states, poll, caller, epoch, wait));
    }

    public async Task RunAsync(PipeReader input, Wire wire, Socket socket, CancellationToken closed)
    {
        var gone = new CancellationTokenSource();
        await using var closing = closed.UnsafeRegister(static gone => ((CancellationTokenSource)gone!).Cancel(), gone);
        await using var leaving = _poll.LeaveWhen(gone.Token);
        (_wire, _gone) = (wire, gone);
        Borrow(socket, _poll.Ended);
        _poll.Repeating = this;
        try
        {
            while (true)
            {
                var reading = input.ReadAsync(_poll.Ended);
                if (reading.IsCompleted && ConnectionShard.IsServing) await Task.Yield(); // As in TakeoverPipe: others wait for this thread.
                ReadResult read;
                try { read = await reading; }
                catch (OperationCanceledException) { return; } // It has ended, and Kestrel knows how long a connection may be idle.
                var answeredUpTo = read.Buffer.Start; // Unconsumed until it is answered, so that HTTP can begin it anew.
                try
                {
                    if (!IsRepetition(read.Buffer, out var end)) return;
                    var isAlone = end.Equals(read.Buffer.End);
                    await AnswerAsync();
                    answeredUpTo = end;
                    if (!isAlone || !Takeover.IsPausedBy(read.Buffer)) continue;
                    await RepeatQuietlyAsync();
                    return;
                }
                finally { input.AdvanceTo(answeredUpTo); }
            }
        }
        catch (ApiUnavailableException) { } // HTTP has the words for it.
        catch (Exception error) when (error is IOException or SocketException or OperationCanceledException or ObjectDisposedException) { wire.Abort(); }
        finally { _poll.Repeating = null; }
    }

    /// <summary>Once a second: of an input that stands still nobody hears when the client goes.</summary>
    public void Tick()
    {
        if (_isHeld && HasGone()) _gone.Cancel();
    }

    public override int Touch() => base.Touch() + _wire.Touch();

    /// <summary>The same straight from the socket, of which Kestrel reads no further as long as there is something in its input that nobody has looked at.</summary>
    private async Task RepeatQuietlyAsync()
    {
        await using var ended = _poll.Ended.UnsafeRegister(static self => ((RepeatedPolls)self!).Cancel(), this);
        try
        {
            var wasHeld = true;
            while (await NextAsync(quietly: wasHeld))
            {
                var answer = AnswerAsync();
                wasHeld = !answer.IsCompleted;
                await answer;
            }
        }
        catch (ApiUnavailableException) { _wire.Abort(); } // The request is taken out already. The client asks again, and HTTP tells it why.
        finally { Release(); }
    }

    protected override int Take(ReadOnlySpan<byte> input) => IsRepetition(input, out var length) ? length : 0;

    private bool IsRepetition(in ReadOnlySequence<byte> buffer, out SequencePosition end)
    {
        var input = buffer.IsSingleSegment ? buffer.FirstSpan : buffer.Slice(0, Math.Min(buffer.Length, _request.MaxLength)).ToArray();
        var isRepetition = IsRepetition(input, out var length);
        end = buffer.GetPosition(length);
        return isRepetition;
    }

    /// <summary>Whether the input begins with a repetition that can be answered from what is known here; then the plan says where in the log it goes on.</summary>
    private bool IsRepetition(ReadOnlySpan<byte> input, out int length) =>
        _request.TryMatch(input, out var after, out length) && !_poll.Ended.IsCancellationRequested && _poll.Closed is null && _gate.TryAdmitAgain(_caller, _poll.Log, after, _epoch, out _plan);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask AnswerAsync()
    {
        if (_poll.Viewing is not null) await _poll.Services.Presence.HeartbeatAsync(_poll);
        var plan = _plan;
        var turn = _poll.Begin(_caller, plan.After, _wait);
        try
        {
            _isHeld = true;
            await _poll.UntilWorthAnAnswerAsync(plan, turn, presenceFrom: 0, _gone.Token);
            var events = await PollAnswer.ReadAsync(_poll.Log, plan);
            _poll.Services.Telemetry.RepeatedPoll();
            await SendAsync(events);
        }
        finally
        {
            _isHeld = false;
            _poll.Rest();
        }
    }

    /// <summary>Straight to the socket; only what it does not take at once is copied and waited for.</summary>
    private ValueTask SendAsync(EventList? events)
    {
        var answer = PollAnswer.WithHead(_poll, events);
        _ = _states.SaveAsync(_poll); // Before the client has the answer, and can ask another instance.
        var sent = _wire.TrySend(answer);
        if (sent == answer.Length) return default;
        return sent < 0 ? throw new IOException("the client has gone") : SendRestAsync(answer[sent..].ToArray());
    }

    private async ValueTask SendRestAsync(byte[] rest)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(_poll.Services.Options.IdleSeconds), _poll.Services.Clock.Provider);
        await _wire.SendAsync(rest, patience.Token);
    }
}
