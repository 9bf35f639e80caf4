using TaskFlow.Push.Access;

namespace TaskFlow.Push.WorkspaceLogs;

internal static partial class WorkspaceLogMessages
{
    [LoggerMessage(LogLevel.Warning, "The log of workspace {Workspace} starts anew: {Reason}")]
    public static partial void Restarting(this ILogger<WorkspaceLog> logger, Guid workspace, string reason);

    [LoggerMessage(LogLevel.Warning, "Missing events of workspace {Workspace} cannot be read yet: {Reason}")]
    private static partial void CannotBeRead(this ILogger<WorkspaceLog> logger, Guid workspace, string reason);

    /// <summary>The next attempt is on its way; only what was not to be expected is logged whole.</summary>
    public static void RepairFailed(this ILogger<WorkspaceLog> logger, Guid workspace, Exception error) =>
        logger.CannotBeRead(workspace, error is ApiUnavailableException ? error.Message : error.ToString());
}
