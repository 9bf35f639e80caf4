namespace TaskFlow.Push.WorkspaceLogs;

internal static partial class WorkspaceLogMessages
{
    [LoggerMessage(LogLevel.Warning, "The log of workspace {Workspace} starts anew: {Reason}")]
    public static partial void Restarting(this ILogger<WorkspaceLog> logger, Guid workspace, string reason);

    [LoggerMessage(LogLevel.Warning, "Missing events of workspace {Workspace} cannot be read yet: {Reason}")]
    public static partial void RepairFailed(this ILogger<WorkspaceLog> logger, Guid workspace, string reason);
}
