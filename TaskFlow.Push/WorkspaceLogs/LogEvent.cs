using System.Buffers.Text;
using System.Text.Json;
using TaskFlow.Contracts;

namespace TaskFlow.Push.WorkspaceLogs;

/// <summary>A notification in an event: who it is for, and its JSON as it was sent.</summary>
internal readonly record struct LogNotification(Guid UserId, byte[] Json);

/// <summary>
/// One event as Push needs it: the client's frame as bytes, and the little that Push itself looks at. Read from the text without building
/// objects for the payload, and never written again unless the text is in an unusual order.
/// </summary>
internal sealed class LogEvent
{
    private const int MaxSize = 1024 * 1024;

    public required Guid WorkspaceId { get; init; }
    public required long Seq { get; init; }
    public required string Type { get; init; }
    public Guid? TaskId { get; init; }
    public Guid? MemberId { get; init; }

    /// <summary>The member of a <c>member.added</c>, the changed role of a <c>member.updated</c> (its name is then empty).</summary>
    public FeedMember? Member { get; init; }

    /// <summary>The frame as clients get it: one line of JSON.</summary>
    public required byte[] Json { get; init; }

    public string? Traceparent { get; init; }
    public long CommittedAtMicros { get; init; }
    public LogNotification[] Notifications { get; init; } = [];

    /// <summary>Reads an <see cref="EventMessage"/> (or an event without internals). Throws <see cref="JsonException"/> on anything else.</summary>
    public static LogEvent Parse(ReadOnlySpan<byte> message)
    {
        if (message.Length > MaxSize) throw new JsonException($"an event of {message.Length} bytes");
        return TryParse(message, out var parsed) ? parsed! : TryParse(Canonical(message), out parsed) ? parsed! : throw new JsonException("not an event");
    }

    /// <summary>
    /// The seq of a message that begins as ours do, without reading the rest: <c>{"type":"…","workspaceId":"…","seq":N</c>. False for any other.
    /// </summary>
    public static bool TryPeekSeq(ReadOnlySpan<byte> message, out long seq)
    {
        const int longestType = 40, idLength = 36;
        seq = 0;
        if (!message.StartsWith("{\"type\":\""u8)) return false;
        var type = message[9..];
        var end = type[..Math.Min(type.Length, longestType)].IndexOfAny((byte)'"', (byte)'\\');
        if (end < 0 || type[end] == '\\') return false;
        var rest = type[(end + 1)..];
        if (!rest.StartsWith(",\"workspaceId\":\""u8) || rest.Length < 16 + idLength) return false;
        rest = rest[(16 + idLength)..];
        return rest.StartsWith("\",\"seq\":"u8) && Utf8Parser.TryParse(rest[8..], out seq, out var length) && rest.Length > 8 + length && rest[8 + length] == ',';
    }

    /// <summary>The message in the order that lets a client's frame be cut out of it: internals last, one line.</summary>
    public static byte[] Canonical(ReadOnlySpan<byte> message)
    {
        var read = JsonSerializer.Deserialize(message, TaskFlowJson.Relaxed.EventMessage) ?? throw new JsonException("an event was null");
        return JsonSerializer.SerializeToUtf8Bytes(read, TaskFlowJson.Relaxed.EventMessage);
    }

    /// <summary>False when the text must be written again first.</summary>
    private static bool TryParse(ReadOnlySpan<byte> message, out LogEvent? parsed)
    {
        parsed = null;
        if (message.ContainsAny((byte)'\n', (byte)'\r')) return false;
        var reader = new Utf8JsonReader(message);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw new JsonException("an event is an object");
        Guid? workspace = null, task = null, member = null;
        string? type = null;
        FeedMember? joined = null;
        long seq = 0;
        var internals = default(Internals);
        var frameEnd = -1;
        var lastValueEnd = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (frameEnd >= 0) return false;
            if (reader.ValueTextEquals("seq"u8)) { Next(ref reader, JsonTokenType.Number); seq = reader.GetInt64(); }
            else if (reader.ValueTextEquals("type"u8)) { Next(ref reader, JsonTokenType.String); type = Intern(ref reader); }
            else if (reader.ValueTextEquals("workspaceId"u8)) { Next(ref reader, JsonTokenType.String); workspace = reader.GetGuid(); }
            else if (reader.ValueTextEquals("taskId"u8)) task = NextId(ref reader);
            else if (reader.ValueTextEquals("memberId"u8)) member = NextId(ref reader);
            else if (reader.ValueTextEquals("payload"u8) && type is null) return false;
            else if (reader.ValueTextEquals("payload"u8) && type is EventTypes.MemberAdded or EventTypes.MemberUpdated) joined = ReadMember(ref reader);
            else if (reader.ValueTextEquals("internals"u8)) { frameEnd = lastValueEnd; internals = ReadInternals(ref reader, message); }
            else { reader.Read(); reader.Skip(); }
            lastValueEnd = (int)reader.BytesConsumed;
        }
        if (reader.TokenType != JsonTokenType.EndObject || workspace is null || type is null || seq <= 0) throw new JsonException("an event has a type, a workspaceId and a seq");
        if (frameEnd == 0) return false;
        if (frameEnd < 0) frameEnd = lastValueEnd;
        var json = new byte[frameEnd + 1];
        message[..frameEnd].CopyTo(json);
        json[frameEnd] = (byte)'}';
        parsed = new LogEvent
        {
            WorkspaceId = workspace.Value,
            Seq = seq,
            Type = type,
            TaskId = task,
            MemberId = member,
            Json = json,
            Member = joined is null ? null : joined with { UserId = member ?? joined.UserId },
            Traceparent = internals.Traceparent,
            CommittedAtMicros = internals.CommittedAtMicros,
            Notifications = internals.Notifications ?? [],
        };
        return true;
    }

    private static void Next(ref Utf8JsonReader reader, JsonTokenType expected)
    {
        reader.Read();
        if (reader.TokenType != expected) throw new JsonException($"expected a {expected}");
    }

    private static Guid? NextId(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.Null ? null : reader.GetGuid();
    }

    /// <summary>The two types that matter most often, without a string for each event.</summary>
    private static string Intern(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("task.updated"u8) ? EventTypes.TaskUpdated : reader.ValueTextEquals("comment.created"u8) ? EventTypes.CommentCreated : reader.GetString()!;

    private static FeedMember ReadMember(ref Utf8JsonReader reader)
    {
        Next(ref reader, JsonTokenType.StartObject);
        var member = new FeedMember(Guid.Empty, "", Roles.Guest);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("userId"u8)) { Next(ref reader, JsonTokenType.String); member = member with { UserId = reader.GetGuid() }; }
            else if (reader.ValueTextEquals("name"u8)) { Next(ref reader, JsonTokenType.String); member = member with { Name = reader.GetString()! }; }
            else if (reader.ValueTextEquals("role"u8)) { Next(ref reader, JsonTokenType.String); member = member with { Role = reader.GetString()! }; }
            else { reader.Read(); reader.Skip(); }
        }
        return member;
    }

    private record struct Internals(string? Traceparent, long CommittedAtMicros, LogNotification[]? Notifications);

    private static Internals ReadInternals(ref Utf8JsonReader reader, ReadOnlySpan<byte> message)
    {
        var result = default(Internals);
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null) return result;
        if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException("internals is an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("traceparent"u8)) { reader.Read(); result.Traceparent = reader.GetString(); }
            else if (reader.ValueTextEquals("committedAtMicros"u8)) { Next(ref reader, JsonTokenType.Number); result.CommittedAtMicros = reader.GetInt64(); }
            else if (reader.ValueTextEquals("notifications"u8)) result.Notifications = ReadNotifications(ref reader, message);
            else { reader.Read(); reader.Skip(); }
        }
        return result;
    }

    private static LogNotification[]? ReadNotifications(ref Utf8JsonReader reader, ReadOnlySpan<byte> message)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null) return null;
        if (reader.TokenType != JsonTokenType.StartArray) throw new JsonException("notifications is an array");
        var list = new List<LogNotification>();
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var (user, json) = (Guid.Empty, (byte[]?)null);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("userId"u8)) { Next(ref reader, JsonTokenType.String); user = reader.GetGuid(); }
                else if (reader.ValueTextEquals("notification"u8))
                {
                    Next(ref reader, JsonTokenType.StartObject);
                    var start = (int)reader.TokenStartIndex;
                    reader.Skip();
                    json = message[start..(int)reader.BytesConsumed].ToArray();
                }
                else { reader.Read(); reader.Skip(); }
            }
            if (json is not null) list.Add(new LogNotification(user, json));
        }
        return [.. list];
    }
}
