using System.Text.Json;
using TaskFlow.Contracts;
using TaskFlow.Push.WorkspaceLogs;

namespace TaskFlow.Microbenchmarks;

/// <summary>An event as it mostly is: somebody changed two fields of a task. About 430 bytes as a frame.</summary>
internal static class Sample
{
    public static readonly Guid Workspace = Guid.CreateVersion7();

    /// <summary>As it comes from the sidecar or from Redis.</summary>
    public static byte[] Message(long seq) => JsonSerializer.SerializeToUtf8Bytes(new EventMessage
    {
        Type = EventTypes.TaskUpdated,
        WorkspaceId = Workspace,
        Seq = seq,
        TaskId = Guid.CreateVersion7(),
        ProjectId = Guid.CreateVersion7(),
        Version = 7,
        UserId = Guid.CreateVersion7(),
        UserName = "Grace Example",
        MutationId = $"{Guid.NewGuid()}",
        Payload = JsonSerializer.SerializeToElement(new { title = "Call the printer about the new labels", status = "in_progress" }, JsonSerializerOptions.Web),
        Timestamp = DateTimeOffset.UtcNow,
        Internals = new EventInternals { CommittedAtMicros = 1_700_000_000_000_000 },
    }, TaskFlowJson.Relaxed.EventMessage);

    /// <summary>As clients get it.</summary>
    public static byte[] Json(long seq) => LogEvent.Parse(Message(seq)).Json;
}
