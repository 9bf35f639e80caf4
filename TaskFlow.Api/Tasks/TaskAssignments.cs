using Npgsql;
using TaskFlow.Api.Database;
using TaskFlow.Api.Events;

namespace TaskFlow.Api.Tasks;

/// <summary>
/// Takes a person's tasks back when they leave a workspace or become a guest there: only members can own tasks. Each is a change of its task,
/// with an event before the one about the member (docs/adr/0026-tasks.md).
/// </summary>
internal static class TaskAssignments
{
    private const string ReleaseSql = $"""
        with released as (select id from tasks where workspace_id = $1 and assignee_id = $2 order by id for update)
        update tasks t set assignee_id = null, version = t.version + 1, updated_at = $3,
            changes = t.changes || jsonb_build_object('assigneeId', jsonb_build_object('version', t.version + 1, 'by', $4))
        from released where t.id = released.id
        returning {TaskRows.Columns}
        """;

    /// <summary>Takes the person's tasks back and returns the drafts of the events that say so, to be appended together with the member's.</summary>
    /// <param name="transaction">Where the membership changes too. Call this after locking the member's row and before appending.</param>
    /// <param name="member">The draft of the member's event: workspace, person, actor and time are taken from it.</param>
    /// <param name="ct">Cancels.</param>
    public static async Task<IReadOnlyList<EventDraft>> ReleaseAsync(WorkspaceTransaction transaction, EventDraft member, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(ReleaseSql, transaction.Connection, transaction.Transaction)
        {
            Parameters = { Param.Of(member.WorkspaceId), Param.Of(member.MemberId!.Value), Param.Of(member.Timestamp), Param.Of(member.UserId) },
        };
        var drafts = new List<EventDraft>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            var task = TaskRows.Read(reader);
            drafts.Add(new EventDraft
            {
                Type = Contracts.EventTypes.TaskUpdated,
                WorkspaceId = task.WorkspaceId,
                TaskId = task.Id,
                ProjectId = task.ProjectId,
                Version = task.Version,
                Payload = System.Text.Json.JsonElement.Parse("""{"assigneeId":null}"""),
                UserId = member.UserId,
                UserName = member.UserName,
                Timestamp = member.Timestamp,
            });
        }
        return drafts;
    }
}
