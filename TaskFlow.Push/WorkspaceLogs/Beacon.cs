using Microsoft.Extensions.Options;
using TaskFlow.Contracts;
using TaskFlow.Push.Access;

namespace TaskFlow.Push.WorkspaceLogs;

/// <summary>
/// Asks the Api every second or two, in one request, for the heads of all open workspaces: what no message can tell, that the last message was
/// lost, shows here. The same answer names revoked sessions, deleted workspaces and another epoch. It needs no Redis.
/// </summary>
internal sealed class Beacon(OpenLogs logs, PushServices services, SessionGuard guard, IOptions<RealtimeOptions> options, ILogger<Beacon> logger) : BackgroundService
{
    /// <summary>Sessions are asked about in turns: with the default interval each one comes up every six seconds.</summary>
    private const int SessionParts = 4;

    /// <summary>How many workspaces, and as many sessions, one request asks about.</summary>
    private const int MaxOfEach = HeadsRequest.MaxIds / 2;
    private int _round;
    private bool _failing;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(options.Value.HeadsMilliseconds), services.Clock.Provider);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await AskAsync(stoppingToken);
                if (_failing) logger.Answering();
                _failing = false;
            }
            catch (ApiUnavailableException error)
            {
                if (!_failing) logger.Failed(error.Message);
                _failing = true;
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested) { logger.RoundFailed(error); } // One defect must not stop every repair, let alone the service.
        }
    }

    /// <summary>Asks for one workspace at once: a message about it is known to be lost.</summary>
    public async Task AskAsync(Guid workspace, CancellationToken cancellationToken)
    {
        if (logs.Find(workspace) is { Loaded: true } log) await AskAsync([log], [], cancellationToken);
    }

    private async Task AskAsync(CancellationToken cancellationToken)
    {
        _round = (_round + 1) % SessionParts;
        var (open, sessions) = (logs.All.Where(log => log.Loaded && !log.Deleted).ToList(), services.Sessions.Part(_round, SessionParts));
        for (var i = 0; i < Math.Max(open.Count, sessions.Count); i += MaxOfEach)
        {
            await AskAsync([.. open.Skip(i).Take(MaxOfEach)], [.. sessions.Skip(i).Take(MaxOfEach)], cancellationToken);
        }
    }

    private async Task AskAsync(List<WorkspaceLog> asked, List<Guid> sessions, CancellationToken cancellationToken)
    {
        // What the Api had confirmed before it was asked: it can only have gone up since, unless history was rewritten.
        var confirmed = asked.ConvertAll(log => log.ApiHead);
        using var untraced = OpenTelemetry.SuppressInstrumentationScope.Begin(); // A trace every second or two would bury those that tell something.
        var answer = await services.Api.ReadHeadsAsync(new HeadsRequest { Workspaces = asked.ConvertAll(log => log.Id), Sessions = sessions }, cancellationToken);
        foreach (var session in answer.Revoked) guard.Revoke(session);
        for (var i = 0; i < asked.Count; i++)
        {
            var log = asked[i];
            if (!answer.Heads.TryGetValue(log.Id, out var head)) log.Delete();
            else if (answer.Epoch != log.Epoch) await RestartAsync(log, "the epoch is another");
            else if (head < confirmed[i]) await RestartAsync(log, $"the head went back from {confirmed[i]} to {head}");
            else log.NoteHead(head);
        }
    }

    private async Task RestartAsync(WorkspaceLog log, string reason)
    {
        try { await log.RestartAsync(reason); }
        catch (Exception error) { services.Logger.RepairFailed(log.Id, error); } // The next round says so again.
    }
}

internal static partial class BeaconLog
{
    [LoggerMessage(LogLevel.Warning, "The Api does not answer for the heads: {Reason}. Connections stay open; what is lost meanwhile is repaired when it is back")]
    public static partial void Failed(this ILogger<Beacon> logger, string reason);

    [LoggerMessage(LogLevel.Error, "A round of asking for the heads failed")]
    public static partial void RoundFailed(this ILogger<Beacon> logger, Exception error);

    [LoggerMessage(LogLevel.Information, "The Api answers for the heads again")]
    public static partial void Answering(this ILogger<Beacon> logger);
}
