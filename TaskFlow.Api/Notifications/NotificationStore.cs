using Npgsql;
using TaskFlow.Api.Database;
using TaskFlow.Api.Http;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Notifications;

/// <summary>A person's notifications and preferences. What happened in a workspace is out of sight for those who left it.</summary>
internal sealed class NotificationStore(NpgsqlDataSource database)
{
    private const string Visible = """
        n.user_id = $1 and exists (select from members m where m.workspace_id = n.workspace_id and m.user_id = n.user_id)
        """;

    private const string ListSql = $"""
        select n.id, n.kind, n.workspace_id, n.task_id, n.comment_id, n.text, n.by_id, n.by_name, n.fields, n.created_at, n.is_read
        from notifications n
        where {Visible} and (n.created_at, n.id) < ($2, $3)
        """;

    private const string Newest = " order by n.created_at desc, n.id desc limit $4";

    private const string CountSql = $"select count(*) from notifications n where {Visible} and not n.is_read";

    private const string SaveSql = """
        insert into notification_preferences as p (user_id, mention, assigned, status, overwritten)
        values (@UserId, coalesce(@Mention, true), coalesce(@Assigned, true), coalesce(@Status, true), coalesce(@Overwritten, true))
        on conflict (user_id) do update set mention = coalesce(@Mention, p.mention), assigned = coalesce(@Assigned, p.assigned),
            status = coalesce(@Status, p.status), overwritten = coalesce(@Overwritten, p.overwritten)
        returning mention, assigned, status, overwritten
        """;

    /// <summary>A page of a person's notifications, newest first, and how many are unread in all.</summary>
    public async Task<NotificationPage> ListAsync(Guid userId, bool unreadOnly, PageQuery query, CancellationToken ct)
    {
        var limit = query.Size;
        var (at, id) = query.AfterTimeAndId() ?? (DateTimeOffset.MaxValue.AddDays(-1), Guid.Empty);
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand(CountSql) { Parameters = { Param.Of(userId) } });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(ListSql + (unreadOnly ? " and not n.is_read" : "") + Newest)
        {
            Parameters = { Param.Of(userId), Param.Of(at), Param.Of(id), Param.Of(limit + 1) },
        });
        await using var reader = await batch.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        var unread = reader.GetInt64(0);
        await reader.NextResultAsync(ct);
        var notifications = new List<Notification>();
        while (await reader.ReadAsync(ct)) notifications.Add(Read(reader));
        var page = Page.Of(notifications, limit, last => Cursor.Of(last.CreatedAt, last.Id));
        return new NotificationPage(page.Data, page.NextCursor, unread);
    }

    /// <summary>Marks notifications as read; ids of others' are passed over.</summary>
    public Task<Answer> MarkReadAsync(Guid userId, Guid[]? ids, Mutation mutation, CancellationToken ct) => mutation.RunAsync(database, async (connection, transaction) =>
    {
        await using var command = new NpgsqlCommand("update notifications set is_read = true where user_id = $1 and not is_read", connection, transaction);
        command.Parameters.Add(Param.Of(userId));
        if (ids is not null)
        {
            command.CommandText += " and id = any($2)";
            command.Parameters.Add(Param.Of(ids));
        }
        await command.ExecuteNonQueryAsync(ct);
        return Answer.NoContent();
    }, ct);

    public async Task<NotificationPreferences> ReadPreferencesAsync(Guid userId, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        return await connection.FirstOrDefaultAsync<NotificationPreferences>(null,
            "select mention, assigned, status, overwritten from notification_preferences where user_id = @userId", new { userId }, ct) ?? NotificationPreferences.Default;
    }

    public async Task<NotificationPreferences> SavePreferencesAsync(Guid userId, NewPreferences sent, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        return await connection.FirstAsync<NotificationPreferences>(null, SaveSql,
            new { UserId = userId, sent.Mention, sent.Assigned, sent.Status, sent.Overwritten }, ct);
    }

    private static Notification Read(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(0),
        Kind = row.GetString(1),
        WorkspaceId = row.GetGuid(2),
        TaskId = row.IsDBNull(3) ? null : row.GetGuid(3),
        CommentId = row.IsDBNull(4) ? null : row.GetGuid(4),
        Text = row.GetString(5),
        By = new PersonRef(row.GetGuid(6), row.GetString(7)),
        Fields = row.IsDBNull(8) ? null : row.GetFieldValue<string[]>(8),
        CreatedAt = row.GetFieldValue<DateTimeOffset>(9),
        Read = row.GetBoolean(10),
    };
}
