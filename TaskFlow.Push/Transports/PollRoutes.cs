using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using TaskFlow.Contracts;
using TaskFlow.Push.Access;
using TaskFlow.Push.WorkspaceLogs;

namespace TaskFlow.Push.Transports;

/// <summary>Long poll: the same log, read for one answer at a time.</summary>
internal static class PollRoutes
{
    private const int MaxWaitSeconds = 55;
    private const int MaxEvents = 500;
    private const int MaxBytes = 512 * 1024;

    public static async Task<Results<EmptyHttpResult, ProblemHttpResult>> PollAsync(HttpContext context, Gate gate, PushServices services, PollStates states,
        string ws, string? after = null, string? epoch = null, string? wait = null, string? connectionId = null)
    {
        var (caller, workspace, refusal) = await gate.IdentifyAsync(context, ws, isNew: connectionId is null);
        if (caller is null) return refusal!;
        if (!TryReadWait(wait, out var seconds)) return Problems.Invalid("wait", "Seconds: a number from 0.");
        var (log, plan, notAdmitted) = await gate.AdmitAsync(context, caller, workspace, after, epoch);
        if (log is null) return notAdmitted!;
        var known = await states.FindAsync(connectionId, caller, log, services);
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
        var turn = poll.Begin(caller, plan.After);
        try
        {
            // What is on the board already is no reason to answer somebody who did not bring a connectionId: they could never have seen it.
            var presenceFrom = known is null ? log.Presence.Version : 0;
            var answer = await BuildAsync(services, log, poll, plan, presenceFrom, turn, seconds, context.RequestAborted);
            states.Save(poll);
            context.Response.ContentType = "application/json; charset=utf-8";
            context.Response.Headers.CacheControl = "no-store";
            context.Response.ContentLength = answer.WrittenCount;
            await context.Response.Body.WriteAsync(answer.WrittenMemory, context.RequestAborted);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested) { }
        catch (ApiUnavailableException) { return Problems.Unavailable(context, "The missed events cannot be read just now."); }
        finally { poll.Rest(); }
        return TypedResults.Empty;
    }

    private static async Task<ArrayBufferWriter<byte>> BuildAsync(PushServices services, WorkspaceLog log, PollConnection poll, ResumePlan plan, long presenceFrom, int turn, int seconds, CancellationToken aborted)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        patience.CancelAfter(TimeSpan.FromSeconds(seconds));
        while (true)
        {
            var next = poll.NextAsync(); // Before looking, so that what comes meanwhile is not missed.
            var reset = plan.Mode == ResumeModes.Reset || plan.Generation != log.Generation;
            if (reset || seconds == 0 || log.Head > plan.After || poll.Polls != turn || poll.Closed is not null || services.Drain.Started || poll.HasOwn(presenceFrom) || patience.IsCancellationRequested)
                return await WriteAsync(services, log, poll, plan, reset);
            try { await next.WaitAsync(patience.Token); }
            catch (OperationCanceledException) { aborted.ThrowIfCancellationRequested(); }
        }
    }

    private static async Task<ArrayBufferWriter<byte>> WriteAsync(PushServices services, WorkspaceLog log, PollConnection poll, ResumePlan plan, bool reset)
    {
        var answer = new ArrayBufferWriter<byte>(1024);
        answer.Write(Encoding.UTF8.GetBytes($"{{\"connectionId\":\"{poll.PublicId}\",\"events\":["));
        var (last, notifications) = reset ? (log.Head, []) : await WriteEventsAsync(log, poll, plan.After, answer);
        answer.Write("],\"notifications\":["u8);
        for (var i = 0; i < notifications.Count; i++)
        {
            if (i > 0) answer.Write(","u8);
            answer.Write(notifications[i]);
        }
        answer.Write("]"u8);
        poll.WriteOwn(answer);
        if (reset) services.Telemetry.Reset();
        answer.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $",\"head\":{Math.Max(log.Head, last)},\"epoch\":\"{System.Text.Json.JsonEncodedText.Encode(log.Epoch)}\",\"reset\":{(reset ? "true" : "false")}}}")));
        return answer;
    }

    /// <summary>The events behind that seq, up to a bearable answer: from the ring, else from a page of the feed.</summary>
    private static async Task<(long Last, List<byte[]> Notifications)> WriteEventsAsync(WorkspaceLog log, PollConnection poll, long after, ArrayBufferWriter<byte> answer)
    {
        var last = after;
        if (log.ReadRing(after, MaxEvents) is { } ring)
        {
            foreach (var (seq, json) in ring)
            {
                if (answer.WrittenCount > MaxBytes) break;
                if (last > after) answer.Write(","u8);
                answer.Write(json.Span);
                last = seq;
            }
            return (last, log.LastNotificationSeq > after ? log.NotificationsFor(poll.UserId, after, last) : []);
        }
        var notifications = new List<byte[]>();
        if (await log.History.ReadAsync(after) is { } page)
        {
            foreach (var @event in page.EventsAfter(after))
            {
                if (answer.WrittenCount > MaxBytes) break;
                if (last > after) answer.Write(","u8);
                answer.Write(@event.Json);
                notifications.AddRange(@event.Notifications.Where(item => item.UserId == poll.UserId).Select(item => item.Json));
                last = @event.Seq;
            }
        }
        return (last, notifications);
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
