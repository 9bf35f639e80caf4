using System.Diagnostics;
using System.Text.Json;
using Npgsql;
using TaskFlow.Api.Database;
using TaskFlow.Api.Http;
using TaskFlow.Api.Outbox;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Events;

/// <summary>One attempt at a transaction that appends to a workspace's log. Lives as long as <see cref="EventLog"/> runs the work; not thread-safe.</summary>
internal sealed class WorkspaceTransaction(NpgsqlConnection connection, NpgsqlTransaction transaction, OutboxRelay relay)
{
    // The row lock on the workspace makes seq order commit order. It is held from here to the commit, so this must be the last statement.
    private const string AppendSql = """
        with head as (
            update workspaces set seq = seq + cardinality($2) where id = $1 returning seq - cardinality($2) as base
        )
        insert into events (workspace_id, seq, created_at, type, task_id, project_id, comment_id, member_id, version, payload,
            user_id, user_name, mutation_id, traceparent, notifications, origin)
        select $1, head.base + e.n, $11, e.type, e.task_id, e.project_id, e.comment_id, e.member_id, e.version, e.payload::json,
            $12, $13, e.mutation_id, $14, e.notifications::json, $15
        from head, unnest($2, $3, $4, $5, $6, $7, $8, $9, $10)
            with ordinality as e(type, task_id, project_id, comment_id, member_id, version, payload, mutation_id, notifications, n)
        returning seq
        """;

    private readonly List<OutboxEntry> _entries = [];

    public NpgsqlConnection Connection => connection;

    public NpgsqlTransaction Transaction => transaction;

    /// <summary>Whether the work is done, so that only the commit may still fail: then nobody but the database knows whether it did.</summary>
    public bool IsComplete { get; set; }

    /// <summary>Appends one event and returns its seq. Call it last, once: from here on all other writers of the workspace wait.</summary>
    public async Task<long> AppendAsync(EventDraft draft, CancellationToken cancellationToken) => await AppendAsync([draft], [], cancellationToken);

    /// <summary>Sends the given statements and appends the events, all in one round trip; returns the first event's seq. The drafts share workspace, actor and time.</summary>
    public async Task<long> AppendAsync(IReadOnlyList<EventDraft> drafts, IReadOnlyList<NpgsqlBatchCommand> before, CancellationToken cancellationToken)
    {
        var traceparent = Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.Id : null;
        await using var batch = new NpgsqlBatch(connection, transaction);
        foreach (var command in before) batch.BatchCommands.Add(command);
        batch.BatchCommands.Add(AppendCommand(drafts, traceparent));

        var first = long.MaxValue;
        await using (var reader = await batch.ExecuteReaderAsync(cancellationToken))
        {
            do
            {
                while (await reader.ReadAsync(cancellationToken)) first = Math.Min(first, reader.GetInt64(0));
            }
            while (await reader.NextResultAsync(cancellationToken));
        }
        if (first == long.MaxValue) throw new ProblemException(Problems.NotFound("The workspace was deleted."));

        for (var i = 0; i < drafts.Count; i++) _entries.Add(relay.Reserve(ToMessage(drafts[i], first + i, traceparent)));
        return first;
    }

    /// <summary>Hands what was appended to the relay, in order.</summary>
    public void Committed()
    {
        foreach (var entry in _entries) relay.Commit(entry);
        _entries.Clear();
    }

    /// <summary>Takes back what was appended: the transaction has failed. Where the commit itself failed, the relay looks up whether it happened.</summary>
    public void Abandon()
    {
        foreach (var entry in _entries)
        {
            if (IsComplete) relay.Doubt(entry);
            else relay.Discard(entry);
        }
        _entries.Clear();
    }

    private NpgsqlBatchCommand AppendCommand(IReadOnlyList<EventDraft> drafts, string? traceparent)
    {
        var first = drafts[0];
        return new NpgsqlBatchCommand(AppendSql)
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
                Param.Of(relay.InstanceId),
            },
        };

        T[] Column<T>(Func<EventDraft, T> value)
        {
            var column = new T[drafts.Count];
            for (var i = 0; i < column.Length; i++) column[i] = value(drafts[i]);
            return column;
        }
    }

    private static string? NotificationsJson(EventDraft draft) => draft.Notifications.Count == 0
        ? null
        : JsonSerializer.Serialize(draft.Notifications, TaskFlowJson.Relaxed.IReadOnlyListAddressedNotification);

    private static EventMessage ToMessage(EventDraft draft, long seq, string? traceparent) => new()
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
        Internals = new EventInternals { Traceparent = traceparent, Notifications = draft.Notifications.Count == 0 ? null : draft.Notifications },
    };
}
