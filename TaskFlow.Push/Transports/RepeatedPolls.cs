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
internal sealed class RepeatedPolls : IInterlude
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

    public async Task RunAsync(PipeReader input, Wire wire, CancellationToken closed)
    {
        // Kestrel knows how long a connection may be idle.
        await using var ended = _poll.Ended.UnsafeRegister(static input => ((PipeReader)input!).CancelPendingRead(), input);
        await using var leaving = _poll.LeaveWhen(closed);
        _poll.Lent = wire;
        try
        {
            while (true)
            {
                var reading = input.ReadAsync(CancellationToken.None);
                if (reading.IsCompleted && ConnectionShard.IsServing) await Task.Yield(); // As in TakeoverPipe: others wait for this thread.
                var read = await reading;
                var answeredUpTo = read.Buffer.Start; // Unconsumed until it is answered, so that HTTP can begin it anew.
                try
                {
                    if (read.IsCanceled || !IsRepetition(read.Buffer, out var plan, out var end)) return;
                    if (_poll.Viewing is not null) await _poll.Services.Presence.HeartbeatAsync(_poll);
                    await AnswerAsync(plan, wire, closed);
                    answeredUpTo = end;
                }
                finally { input.AdvanceTo(answeredUpTo); }
            }
        }
        catch (ApiUnavailableException) { } // HTTP has the words for it.
        catch (Exception error) when (error is IOException or SocketException or OperationCanceledException or ObjectDisposedException) { wire.Abort(); }
        finally { _poll.Lent = null; }
    }

    /// <summary>Whether the input begins with a repetition that can be answered from what is known here: where in the log it goes on, and where it ends.</summary>
    private bool IsRepetition(in ReadOnlySequence<byte> buffer, out ResumePlan plan, out SequencePosition end)
    {
        (plan, end) = (default, buffer.Start);
        var input = buffer.IsSingleSegment ? buffer.FirstSpan : buffer.Slice(0, Math.Min(buffer.Length, _request.MaxLength)).ToArray();
        if (!_request.TryMatch(input, out var after, out var length) || _poll.Ended.IsCancellationRequested || _poll.Closed is not null) return false;
        end = buffer.GetPosition(length);
        return _gate.TryAdmitAgain(_caller, _poll.Log, after, _epoch, out plan);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask AnswerAsync(ResumePlan plan, Wire wire, CancellationToken closed)
    {
        var turn = _poll.Begin(_caller, plan.After, _wait);
        try
        {
            await _poll.UntilWorthAnAnswerAsync(plan, turn, presenceFrom: 0, closed);
            var events = await PollAnswer.ReadAsync(_poll.Log, plan);
            _poll.Services.Telemetry.RepeatedPoll();
            await SendAsync(wire, events);
        }
        finally { _poll.Rest(); }
    }

    /// <summary>Straight to the socket; only what it does not take at once is copied and waited for.</summary>
    private ValueTask SendAsync(Wire wire, EventList? events)
    {
        var answer = PollAnswer.WithHead(_poll, events);
        _ = _states.SaveAsync(_poll); // Before the client has the answer, and can ask another instance.
        var sent = wire.TrySend(answer);
        if (sent == answer.Length) return default;
        return sent < 0 ? throw new IOException("the client has gone") : SendRestAsync(wire, answer[sent..].ToArray());
    }

    private async ValueTask SendRestAsync(Wire wire, byte[] rest)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(_poll.Services.Options.IdleSeconds), _poll.Services.Clock.Provider);
        await wire.SendAsync(rest, patience.Token);
    }
}
