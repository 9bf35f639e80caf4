using System.Text.Json;
using Npgsql;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Events;

/// <summary>Reads rows of the log.</summary>
internal static class EventRows
{
    /// <summary>What <see cref="Read"/> needs, in its order; the table is called e.</summary>
    public const string Columns =
        "e.type, e.workspace_id, e.seq, e.task_id, e.project_id, e.comment_id, e.member_id, e.version, e.payload, e.user_id, e.user_name, e.mutation_id, e.created_at";

    /// <summary>What <see cref="ReadMessage"/> needs, in its order.</summary>
    public const string ServiceColumns = Columns + ", e.traceparent, e.notifications";

    /// <summary>An event as clients see it.</summary>
    public static WorkspaceEvent Read(NpgsqlDataReader row) => new()
    {
        Type = row.GetString(0),
        WorkspaceId = row.GetGuid(1),
        Seq = row.GetInt64(2),
        TaskId = Id(row, 3),
        ProjectId = Id(row, 4),
        CommentId = Id(row, 5),
        MemberId = Id(row, 6),
        Version = row.IsDBNull(7) ? null : row.GetInt32(7),
        Payload = JsonElement.Parse(row.GetString(8)),
        UserId = row.GetGuid(9),
        UserName = row.GetString(10),
        MutationId = Text(row, 11),
        Timestamp = row.GetFieldValue<DateTimeOffset>(12),
    };

    /// <summary>An event as services see it. When it was committed is not in the row: the time of the change comes closest.</summary>
    public static EventMessage ReadMessage(NpgsqlDataReader row)
    {
        var seen = Read(row);
        return new EventMessage
        {
            Type = seen.Type,
            WorkspaceId = seen.WorkspaceId,
            Seq = seen.Seq,
            TaskId = seen.TaskId,
            ProjectId = seen.ProjectId,
            CommentId = seen.CommentId,
            MemberId = seen.MemberId,
            Version = seen.Version,
            Payload = seen.Payload,
            UserId = seen.UserId,
            UserName = seen.UserName,
            MutationId = seen.MutationId,
            Timestamp = seen.Timestamp,
            Internals = new EventInternals
            {
                Traceparent = Text(row, 13),
                CommittedAtMicros = seen.Timestamp.ToUnixMicroseconds(),
                Notifications = Text(row, 14) is { } json ? JsonSerializer.Deserialize(json, TaskFlowJson.Relaxed.IReadOnlyListAddressedNotification) : null,
            },
        };
    }

    public static async Task<IReadOnlyList<EventMessage>> ReadMessagesAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var messages = new List<EventMessage>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) messages.Add(ReadMessage(reader));
        return messages;
    }

    private static Guid? Id(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetGuid(column);

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
