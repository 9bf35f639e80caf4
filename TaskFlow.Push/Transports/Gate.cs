using Microsoft.AspNetCore.Http.HttpResults;
using TaskFlow.Contracts;
using TaskFlow.Push.Access;
using TaskFlow.Push.Connections;
using TaskFlow.Push.WorkspaceLogs;

namespace TaskFlow.Push.Transports;

/// <summary>What every real-time request must pass before anything is upgraded or streamed.</summary>
internal sealed class Gate(PushServices services, OpenLogs logs, IConfiguration configuration)
{
    private readonly string? _webOrigin = OriginOf(configuration[Topology.Settings.PublicWebUrl]);

    /// <summary>Who is asking, if they may open connections to the workspace at all; else the refusal.</summary>
    /// <param name="context">The request.</param>
    /// <param name="workspace">The id in the path.</param>
    /// <param name="isNew">Whether it opens a connection, which the instance takes so many of a second.</param>
    /// <param name="whileDraining">Whether it is answered by an instance that stops, too.</param>
    public async ValueTask<(Caller? Caller, Guid Workspace, ProblemHttpResult? Refusal)> IdentifyAsync(HttpContext context, string workspace, bool isNew, bool whileDraining = false)
    {
        if (!IsOriginAllowed(context.Request)) return (null, default, Problems.Forbidden("This origin may not open real-time connections."));
        if (services.Drain.Started && !whileDraining) return (null, default, Problems.Unavailable(context, "This instance stops: another one answers.", 1));
        try
        {
            var caller = await services.Tokens.ReadAsync(TokenOf(context.Request), context.RequestAborted);
            if (caller is null || services.Revoked.Contains(caller.SessionId)) return (null, default, Problems.Unauthorized(context));
            if (!Guid.TryParse(workspace, out var id) || !caller.MayOpen(id)) return (null, default, Problems.Forbidden("This workspace is not open to you."));
            return isNew && Handshake(context) is { } tooFast ? (null, default, tooFast) : (caller, id, null);
        }
        catch (ApiUnavailableException) { return (null, default, Problems.Unavailable(context, "The token cannot be checked just now.")); }
    }

    /// <summary>Counts a handshake; the refusal when they come too fast.</summary>
    public ProblemHttpResult? Handshake(HttpContext context) =>
        services.Sessions.TakeHandshake() ? null : Problems.RateLimited(context, "Too many new connections: back off and try again.");

    /// <summary>The workspace's log and where in it to begin; else the refusal.</summary>
    public async ValueTask<(WorkspaceLog? Log, ResumePlan Plan, ProblemHttpResult? Refusal)> AdmitAsync(HttpContext context, Caller caller, Guid workspace, string? after, string? epoch)
    {
        if (!TryReadAfter(after, out var seq)) return (null, default, Problems.Invalid("after", "A seq: a number from 0."));
        try
        {
            var log = await logs.OpenAsync(workspace, seq, context.RequestAborted);
            if (log is not null && log.FindMember(caller.UserId) is null)
            {
                await log.RefreshAsync(context.RequestAborted); // Perhaps a member since a moment ago.
                if (log.FindMember(caller.UserId) is null) log = null;
            }
            if (log is null) return (null, default, Problems.Forbidden("This workspace is not open to you."));
            return (log, await PlanAsync(log, seq, epoch, context.RequestAborted), null);
        }
        catch (ApiUnavailableException) { return (null, default, Problems.Unavailable(context, "Membership cannot be checked just now.")); }
    }

    /// <summary>Lets somebody in again who was let in before, when nobody has to be asked for it; false says nothing but that the whole way has to be gone.</summary>
    public bool TryAdmitAgain(Caller caller, WorkspaceLog log, long after, string? epoch, out ResumePlan plan)
    {
        plan = default;
        return !services.Drain.Started && caller.ValidUntil > services.Clock.UtcNow && !services.Revoked.Contains(caller.SessionId)
            && log is { Loaded: true, Deleted: false } && log.FindMember(caller.UserId) is not null
            && IsKnown(log, after, epoch) && TryPlan(log, after, out plan) && plan.Mode != ResumeModes.Reset;
    }

    /// <summary>Counts a new connection in; the refusal when there are too many.</summary>
    public ProblemHttpResult? Enter(HttpContext context, Caller caller, WorkspaceLog log) => services.Sessions.Enter(caller, log) switch
    {
        Admission.TooManyOfUser => Problems.RateLimited(context, "You have too many open connections.", 10),
        Admission.TooManyInWorkspace => Problems.RateLimited(context, "This workspace has too many open connections.", 10),
        _ => null,
    };

    private async ValueTask<ResumePlan> PlanAsync(WorkspaceLog log, long? after, string? epoch, CancellationToken cancellationToken)
    {
        // The client may know more than this instance does yet: the Api is asked before anybody is told to start over.
        if (!IsKnown(log, after, epoch)) await log.RefreshAsync(cancellationToken);
        if (after is not null && IsOtherEpoch(log, epoch)) return new ResumePlan(log.Head, ResumeModes.Reset, log.Generation);
        if (TryPlan(log, after, out var plan)) return plan;
        return await log.History.ReadAsync(plan.After) is null ? plan with { After = log.Head, Mode = ResumeModes.Reset } : plan;
    }

    private static bool IsKnown(WorkspaceLog log, long? after, string? epoch) => !IsOtherEpoch(log, epoch) && !(after > log.Head);

    private static bool IsOtherEpoch(WorkspaceLog log, string? epoch) => !string.IsNullOrEmpty(epoch) && epoch != log.Epoch;

    /// <summary>Where to begin; false when it holds only if the feed still has what the ring has not.</summary>
    private bool TryPlan(WorkspaceLog log, long? after, out ResumePlan plan)
    {
        var (head, generation) = (log.Head, log.Generation);
        plan = after is not { } seq || seq == head ? new ResumePlan(head, ResumeModes.Live, generation)
            : seq > head || head - seq > services.Options.MaxReplay ? new ResumePlan(head, ResumeModes.Reset, generation)
            : new ResumePlan(seq, ResumeModes.Replay, generation);
        return plan.Mode != ResumeModes.Replay || plan.After >= log.FirstSeq - 1;
    }

    private static bool TryReadAfter(string? text, out long? after)
    {
        after = null;
        if (string.IsNullOrEmpty(text)) return text is null;
        if (!long.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var seq)) return false;
        after = seq;
        return true;
    }

    private static ReadOnlyMemory<char> TokenOf(HttpRequest request)
    {
        string? header = request.Headers.Authorization;
        if (header is null) return request.Query["access_token"].FirstOrDefault().AsMemory();
        return header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header.AsMemory(7).Trim() : default;
    }

    /// <summary>Browsers name their origin; everybody else may leave it out, since the token is what counts.</summary>
    private bool IsOriginAllowed(HttpRequest request)
    {
        string? origin = request.Headers.Origin;
        return string.IsNullOrEmpty(origin) || OriginOf(origin) is { } asked && (asked == _webOrigin || asked == OriginOf($"{request.Scheme}://{request.Host}"));
    }

    public static string? OriginOf(string? url) => Uri.TryCreate(url, UriKind.Absolute, out var uri) ? uri.GetLeftPart(UriPartial.Authority).ToLowerInvariant() : null;
}
