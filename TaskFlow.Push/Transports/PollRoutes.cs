using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using TaskFlow.Push.Access;
using TaskFlow.Push.WorkspaceLogs;

namespace TaskFlow.Push.Transports;

/// <summary>Long poll: the same log, read for one answer at a time.</summary>
internal static class PollRoutes
{
    private const int MaxWaitSeconds = 55;

    public static async Task<Results<EmptyHttpResult, ProblemHttpResult>> PollAsync(HttpContext context, Gate gate, PushServices services, PollStates states,
        string ws, string? after = null, string? epoch = null, string? wait = null, string? connectionId = null)
    {
        var (caller, workspace, refusal) = await gate.IdentifyAsync(context, ws, isNew: connectionId is null);
        if (caller is null) return refusal!;
        if (!TryReadWait(wait, out var seconds)) return Problems.Invalid("wait", "Seconds: a number from 0.");
        var (log, plan, notAdmitted) = await gate.AdmitAsync(context, caller, workspace, after, epoch);
        if (log is null) return notAdmitted!;
        var known = await states.FindAsync(connectionId, caller, log, services);
        if (known is null && connectionId is not null && gate.Handshake(context) is { } tooFast) return tooFast; // It named a connection, but there is none.
        if (known is null && gate.Enter(context, caller, log) is { } tooMany) return tooMany;
        var poll = known ?? new PollConnection(services, log, caller);
        if (known is null)
        {
            if (!log.TryAttach(poll))
            {
                services.Sessions.Left(poll);
                return Problems.Forbidden("This workspace is not open to you.");
            }
            services.Endpoints.Add(poll);
        }
        else if (poll.Viewing is not null) await services.Presence.HeartbeatAsync(poll);

        // Who asks without a place wants the place: the head and a connectionId, at once.
        if (after is null && known is null) seconds = 0;
        using var leaving = poll.LeaveWhen(context.RequestAborted);
        var turn = poll.Begin(caller, plan.After, TimeSpan.FromSeconds(seconds));
        try
        {
            // What is on the board already is no reason to answer somebody who did not bring a connectionId: they could never have seen it.
            await poll.UntilWorthAnAnswerAsync(plan, turn, presenceFrom: known is null ? log.Presence.Version : 0, context.RequestAborted);
            PollAnswer.Put(context.Response, poll, await PollAnswer.ReadAsync(log, plan));
            _ = states.SaveAsync(poll); // Before the client has the answer, and can ask another instance.
            await FlushAsync(context, services);
            if (known is not null) RepeatedPolls.Expect(context, gate, states, poll, caller, epoch, TimeSpan.FromSeconds(seconds));
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested) { }
        catch (ApiUnavailableException) { return Problems.Unavailable(context, "The missed events cannot be read just now."); }
        finally { poll.Rest(); }
        return TypedResults.Empty;
    }

    /// <summary>Sends the answer. Whoever does not take it for as long as a stream may stand still is cut off: nothing else would end what is held for them.</summary>
    private static async ValueTask FlushAsync(HttpContext context, PushServices services)
    {
        var flush = context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        if (flush.IsCompletedSuccessfully) return;
        try { await flush.AsTask().WaitAsync(TimeSpan.FromSeconds(services.Options.IdleSeconds), services.Clock.Provider); }
        catch (TimeoutException) { context.Abort(); }
    }

    private static bool TryReadWait(string? text, out int seconds)
    {
        seconds = 25;
        if (text is null) return true;
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var asked)) return false;
        seconds = (int)Math.Min(asked, MaxWaitSeconds);
        return true;
    }
}
