using System.Buffers;
using System.Data;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Npgsql;
using TaskFlow.Api.Database;
using TaskFlow.Api.Http;
using TaskFlow.Api.Projects;
using TaskFlow.Api.Tasks;

namespace TaskFlow.Api.Events;

/// <summary>Everything of a workspace as of exactly one head: what was committed with it or before, and nothing else.</summary>
internal sealed class Snapshot(NpgsqlDataSource database, SnapshotCache cache)
{
    private const string HeadSql = """
        select m.role, w.seq, log_epoch() from workspaces w join members m on m.workspace_id = w.id and m.user_id = $2 where w.id = $1
        """;

    private const string WorkspaceSql = """
        select w.id, w.name, m.role, w.seq, w.created_at, log_epoch()
        from workspaces w join members m on m.workspace_id = w.id and m.user_id = $2
        where w.id = $1
        """;

    private const string MembersSql = """
        select m.user_id, u.name, u.email, m.role, m.joined_at
        from members m join users u on u.id = m.user_id where m.workspace_id = $1 order by m.joined_at, m.user_id
        """;

    private const string ProjectsSql = $"select {Project.Columns} from projects p where p.workspace_id = $1 order by p.created_at, p.id";
    private const string TasksSql = $"select {TaskRows.Columns} from tasks t where t.workspace_id = $1 order by t.created_at, t.id";

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
    private static readonly JsonTypeInfo<Project> ProjectType = ApiJson.TypeInfo<Project>();
    private static readonly JsonTypeInfo<TaskItem> TaskType = ApiJson.TypeInfo<TaskItem>();

    /// <summary>The snapshot as the caller sees it (the workspace holds their role); null when there is no such workspace for them.</summary>
    public async Task<ReadOnlyMemory<byte>?> ReadAsync(Guid workspaceId, Guid userId, CancellationToken ct)
    {
        if (await ReadHeadAsync(workspaceId, userId, ct) is not { } head) return null;
        if (await cache.FindAsync(head.Key, head.Role) is { } cached) return cached;
        if (await ReadRowsAsync(workspaceId, userId, ct) is not { } read) return null;
        await cache.KeepAsync(read.Key, read.Role, read.Body);
        return read.Body;
    }

    /// <summary>
    /// Rows are written as they arrive, into memory only: a slow client must not hold a connection to the database, and an error must not follow
    /// half an answer.
    /// </summary>
    private async Task<(SnapshotKey Key, string Role, ReadOnlyMemory<byte> Body)?> ReadRowsAsync(Guid workspaceId, Guid userId, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, ct);
        await using var batch = new NpgsqlBatch(connection, transaction);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(WorkspaceSql) { Parameters = { Param.Of(workspaceId), Param.Of(userId) } });
        foreach (var sql in (string[])[MembersSql, ProjectsSql, TasksSql]) batch.BatchCommands.Add(new NpgsqlBatchCommand(sql) { Parameters = { Param.Of(workspaceId) } });

        await using var reader = await batch.ExecuteReaderAsync(ct);
        if (!await reader.ReadAsync(ct)) return null;
        var output = new ArrayBufferWriter<byte>(16 * 1024);
        await using var json = new Utf8JsonWriter(output, Relaxed);
        json.WriteStartObject();
        WriteWorkspace(json, reader);
        var (role, head, epoch) = (reader.GetString(2), reader.GetInt64(3), reader.GetString(5));
        await WriteRowsAsync(json, reader, "members", WriteMember, ct);
        await WriteRowsAsync(json, reader, "projects", (to, row) => JsonSerializer.Serialize(to, Project.Read(row), ProjectType), ct);
        await WriteRowsAsync(json, reader, "tasks", (to, row) => JsonSerializer.Serialize(to, TaskRows.Read(row), TaskType), ct);
        json.WriteNumber("head", head);
        json.WriteString("epoch", epoch);
        json.WriteEndObject();
        await json.FlushAsync(ct);
        return (new SnapshotKey(workspaceId, epoch, head), role, output.WrittenMemory);
    }

    private async Task<(SnapshotKey Key, string Role)?> ReadHeadAsync(Guid workspaceId, Guid userId, CancellationToken ct)
    {
        await using var command = database.CreateCommand(HeadSql);
        command.Parameters.Add(Param.Of(workspaceId));
        command.Parameters.Add(Param.Of(userId));
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? (new SnapshotKey(workspaceId, reader.GetString(2), reader.GetInt64(1)), reader.GetString(0)) : null;
    }

    private static async Task WriteRowsAsync(Utf8JsonWriter json, NpgsqlDataReader reader, string name, Action<Utf8JsonWriter, NpgsqlDataReader> write, CancellationToken ct)
    {
        await reader.NextResultAsync(ct);
        json.WriteStartArray(name);
        while (await reader.ReadAsync(ct)) write(json, reader);
        json.WriteEndArray();
    }

    private static void WriteWorkspace(Utf8JsonWriter json, NpgsqlDataReader row)
    {
        json.WriteStartObject("workspace");
        json.WriteString("role", row.GetString(2)); // first: see SnapshotCache
        json.WriteString("id", row.GetGuid(0));
        json.WriteString("name", row.GetString(1));
        json.WriteNumber("head", row.GetInt64(3));
        json.WriteString("createdAt", row.GetFieldValue<DateTimeOffset>(4));
        json.WriteEndObject();
    }

    private static void WriteMember(Utf8JsonWriter json, NpgsqlDataReader row)
    {
        json.WriteStartObject();
        json.WriteString("userId", row.GetGuid(0));
        json.WriteString("name", row.GetString(1));
        json.WriteString("email", row.GetString(2));
        json.WriteString("role", row.GetString(3));
        json.WriteString("joinedAt", row.GetFieldValue<DateTimeOffset>(4));
        json.WriteEndObject();
    }
}
