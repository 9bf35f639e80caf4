using System.Data;
using Npgsql;
using TaskFlow.Api.Database;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Events;

/// <summary>A page of a workspace's log.</summary>
internal sealed record EventPage(IReadOnlyList<WorkspaceEvent> Events, long Head, string Epoch, bool HasMore, bool Reset);

/// <summary>Reads the log from a position. Head, epoch, events and members of one answer are of one moment.</summary>
internal sealed class EventFeed(NpgsqlDataSource database)
{
    public const int MaxLimit = 1_000;

    private const string HeadSql = "select seq, log_epoch() from workspaces where id = $1";
    private const string EventsSql = $"select {EventRows.Columns} from events e where e.workspace_id = $1 and e.seq > $2 order by e.seq limit $3";
    private const string MessagesSql = $"select {EventRows.ServiceColumns} from events e where e.workspace_id = $1 and e.seq > $2 order by e.seq limit $3";

    private const string MembersSql = """
        select m.user_id, u.name, m.role from members m join users u on u.id = m.user_id where m.workspace_id = $1 order by m.joined_at, m.user_id
        """;

    /// <summary>For people; null when there is no such workspace.</summary>
    public async Task<EventPage?> ReadAsync(Guid workspaceId, long after, int limit, CancellationToken ct)
    {
        var page = await ReadAsync(EventsSql, EventRows.Read, workspaceId, after, limit, withMembers: false, ct);
        return page is null ? null : new EventPage(page.Events, page.Head, page.Epoch, page.HasMore, page.Reset);
    }

    /// <summary>For Push; null when there is no such workspace.</summary>
    public async Task<FeedPage?> ReadForServiceAsync(Guid workspaceId, long after, int limit, bool withMembers, CancellationToken ct)
    {
        var page = await ReadAsync(MessagesSql, EventRows.ReadMessage, workspaceId, after, limit, withMembers, ct);
        return page is null ? null : new FeedPage
        {
            Events = page.Events,
            Head = page.Head,
            Epoch = page.Epoch,
            HasMore = page.HasMore,
            Reset = page.Reset,
            Members = page.Members,
        };
    }

    private async Task<Rows<T>?> ReadAsync<T>(
        string sql, Func<NpgsqlDataReader, T> read, Guid workspaceId, long after, int limit, bool withMembers, CancellationToken ct) where T : WorkspaceEvent
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, ct);
        await using var batch = new NpgsqlBatch(connection, transaction);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(HeadSql) { Parameters = { Param.Of(workspaceId) } });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(sql) { Parameters = { Param.Of(workspaceId), Param.Of(after), Param.Of(limit) } });
        if (withMembers) batch.BatchCommands.Add(new NpgsqlBatchCommand(MembersSql) { Parameters = { Param.Of(workspaceId) } });

        await using var reader = await batch.ExecuteReaderAsync(ct);
        if (!await reader.ReadAsync(ct)) return null;
        var (head, epoch) = (reader.GetInt64(0), reader.GetString(1));

        await reader.NextResultAsync(ct);
        var events = new List<T>();
        while (await reader.ReadAsync(ct))
        {
            // A hole is where retention has been. What is behind it makes no sense without it: the next question gets the reset.
            if (reader.GetInt64(2) != after + events.Count + 1) break;
            events.Add(read(reader));
        }

        List<FeedMember>? members = null;
        if (withMembers)
        {
            await reader.NextResultAsync(ct);
            members = [];
            while (await reader.ReadAsync(ct)) members.Add(new FeedMember(reader.GetGuid(0), reader.GetString(1), reader.GetString(2)));
        }
        var hasMore = events.Count > 0 && after + events.Count < head;
        return new Rows<T>(events, head, epoch, hasMore, Reset: events.Count == 0 && after < head, members);
    }

    private sealed record Rows<T>(IReadOnlyList<T> Events, long Head, string Epoch, bool HasMore, bool Reset, IReadOnlyList<FeedMember>? Members);
}
