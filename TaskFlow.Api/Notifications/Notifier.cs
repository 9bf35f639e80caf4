using Npgsql;
using TaskFlow.Api.Database;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Notifications;

/// <summary>Turns drafts into notifications for those members who want them, to be stored in the transaction of their cause and carried by its event.</summary>
internal static class Notifier
{
    private const string AudienceSql = """
        select m.user_id, coalesce(p.mention, true), coalesce(p.assigned, true), coalesce(p.status, true), coalesce(p.overwritten, true)
        from members m left join notification_preferences p on p.user_id = m.user_id
        where m.workspace_id = $1 and m.user_id = any($2)
        """;

    private const string InsertSql = """
        insert into notifications (id, user_id, workspace_id, task_id, comment_id, kind, text, by_id, by_name, fields, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        """;

    /// <summary>Chooses the receivers. Nobody hears of what they did themselves; a new assignee who hears of the assignment does not hear of the status too.</summary>
    public static async Task<IReadOnlyList<AddressedNotification>> AddressAsync(NpgsqlConnection connection, NpgsqlTransaction transaction,
        Guid workspaceId, Guid taskId, PersonRef by, DateTimeOffset at, IReadOnlyCollection<NotificationDraft> drafts, CancellationToken ct)
    {
        var candidates = drafts.Where(draft => draft.UserId != by.Id).ToArray();
        if (candidates.Length == 0) return [];

        var wanted = await ReadAudienceAsync(connection, transaction, workspaceId, [.. candidates.Select(draft => draft.UserId).Distinct()], ct);
        var chosen = candidates.Where(draft => wanted.Contains((draft.UserId, draft.Kind))).ToArray();
        var assigned = chosen.Where(draft => draft.Kind == NotificationKinds.Assigned).Select(draft => draft.UserId).ToHashSet();
        return
        [
            .. chosen.Where(draft => draft.Kind != NotificationKinds.Status || !assigned.Contains(draft.UserId))
                .Select(draft => new AddressedNotification(draft.UserId, new Notification
                {
                    Id = Guid.CreateVersion7(at),
                    Kind = draft.Kind,
                    WorkspaceId = workspaceId,
                    TaskId = taskId,
                    CommentId = draft.CommentId,
                    Text = draft.Text,
                    By = by,
                    Fields = draft.Fields,
                    CreatedAt = at,
                })),
        ];
    }

    /// <summary>The statement that stores a notification.</summary>
    public static NpgsqlBatchCommand Insert(AddressedNotification addressed)
    {
        var notification = addressed.Notification;
        return new NpgsqlBatchCommand(InsertSql)
        {
            Parameters =
            {
                Param.Of(notification.Id), Param.Of(addressed.UserId), Param.Of(notification.WorkspaceId), Param.Of(notification.TaskId),
                Param.Of(notification.CommentId), Param.Of(notification.Kind), Param.Of(notification.Text), Param.Of(notification.By.Id),
                Param.Of(notification.By.Name), Param.Of(notification.Fields?.ToArray()), Param.Of(notification.CreatedAt),
            },
        };
    }

    private static async Task<HashSet<(Guid UserId, string Kind)>> ReadAudienceAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, Guid workspaceId, Guid[] users, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(AudienceSql, connection, transaction) { Parameters = { Param.Of(workspaceId), Param.Of(users) } };
        await using var reader = await command.ExecuteReaderAsync(ct);
        string[] kinds = [NotificationKinds.Mention, NotificationKinds.Assigned, NotificationKinds.Status, NotificationKinds.Overwritten];
        var wanted = new HashSet<(Guid, string)>();
        while (await reader.ReadAsync(ct))
        {
            for (var i = 0; i < kinds.Length; i++)
            {
                if (reader.GetBoolean(i + 1)) wanted.Add((reader.GetGuid(0), kinds[i]));
            }
        }
        return wanted;
    }
}
