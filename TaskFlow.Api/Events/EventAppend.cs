using System.Text.Json;
using Npgsql;
using TaskFlow.Api.Database;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Events;

/// <summary>The statement that appends events to a workspace's log, and the messages that tell of them.</summary>
internal static class EventAppend
{
    // The row lock on the workspace makes seq order commit order; it is held from here to the commit. A workspace that is gone has no head: then
    // the seq is null, and the whole transaction fails on that, although its commit is on the way already.
    private const string Sql = """
        with head as (
            update workspaces set seq = seq + cardinality($2) where id = $1 returning seq - cardinality($2) as base
        )
        insert into events (workspace_id, seq, created_at, type, task_id, project_id, comment_id, member_id, version, payload,
            user_id, user_name, mutation_id, traceparent, notifications, origin)
        select $1, (select base from head) + e.n, $11, e.type, e.task_id, e.project_id, e.comment_id, e.member_id, e.version, e.payload::json,
            $12, $13, e.mutation_id, $14, e.notifications::json, $15
        from unnest($2, $3, $4, $5, $6, $7, $8, $9, $10)
            with ordinality as e(type, task_id, project_id, comment_id, member_id, version, payload, mutation_id, notifications, n)
        returning seq
        """;

    /// <summary>Appends the events, which share workspace, actor and time, and returns a row with the seq of each.</summary>
    public static NpgsqlBatchCommand Statement(IReadOnlyList<EventDraft> drafts, string? traceparent, Guid origin)
    {
        var first = drafts[0];
        return new NpgsqlBatchCommand(Sql)
        {
            Parameters =
            {
                Param.Of(first.WorkspaceId),
                Param.Of(Column(draft => draft.Type)),
                Param.Of(Column(draft => draft.TaskId)),
                Param.Of(Column(draft => draft.ProjectId)),
                Param.Of(Column(draft => draft.CommentId)),
                Param.Of(Column(draft => draft.MemberId)),
                Param.Of(Column(draft => draft.Version)),
                Param.Of(Column(draft => draft.Payload.GetRawText())),
                Param.Of(Column(draft => draft.MutationId)),
                Param.Of(Column(NotificationsJson)),
                Param.Of(first.Timestamp),
                Param.Of(first.UserId),
                Param.Of(first.UserName),
                Param.Of(traceparent),
                Param.Of(origin),
            },
        };

        T[] Column<T>(Func<EventDraft, T> value)
        {
            var column = new T[drafts.Count];
            for (var i = 0; i < column.Length; i++) column[i] = value(drafts[i]);
            return column;
        }
    }

    /// <summary>Whether the transaction failed because the workspace was gone when the events should have been appended.</summary>
    public static bool IsOfDeletedWorkspace(PostgresException exception) =>
        exception is { SqlState: PostgresErrorCodes.NotNullViolation, ColumnName: "seq" };

    /// <summary>The event as services see it.</summary>
    public static EventMessage Message(EventDraft draft, long seq, string? traceparent, long committedAtMicros) => new()
    {
        Type = draft.Type,
        WorkspaceId = draft.WorkspaceId,
        Seq = seq,
        TaskId = draft.TaskId,
        ProjectId = draft.ProjectId,
        CommentId = draft.CommentId,
        MemberId = draft.MemberId,
        Version = draft.Version,
        Payload = draft.Payload,
        UserId = draft.UserId,
        UserName = draft.UserName,
        MutationId = draft.MutationId,
        Timestamp = draft.Timestamp,
        Internals = new EventInternals
        {
            Traceparent = traceparent,
            CommittedAtMicros = committedAtMicros,
            Notifications = draft.Notifications.Count == 0 ? null : draft.Notifications,
        },
    };

    private static string? NotificationsJson(EventDraft draft) => draft.Notifications.Count == 0
        ? null
        : JsonSerializer.Serialize(draft.Notifications, TaskFlowJson.Relaxed.IReadOnlyListAddressedNotification);
}
