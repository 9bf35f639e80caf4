using System.Text.Json;
using System.Text.Json.Serialization;
using Npgsql;
using TaskFlow.Api.Http;

namespace TaskFlow.Api.Comments;

/// <summary>A comment as clients see it; the author's name as it was then.</summary>
internal sealed record Comment(
    Guid Id, Guid WorkspaceId, Guid TaskId, string Body, Guid AuthorId, string AuthorName, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    /// <summary>What <see cref="Read"/> needs, in its order; the table is called c.</summary>
    public const string Columns = "c.id, c.workspace_id, c.task_id, c.body, c.author_id, c.author_name, c.created_at, c.updated_at";

    public static Comment Read(NpgsqlDataReader row) => new(row.GetGuid(0), row.GetGuid(1), row.GetGuid(2), row.GetString(3), row.GetGuid(4), row.GetString(5),
        row.GetFieldValue<DateTimeOffset>(6), row.GetFieldValue<DateTimeOffset>(7));
}

internal sealed record NewComment(string? Body);

/// <summary>The fields of a comment that are to change.</summary>
internal sealed record CommentPatch
{
    public Optional<string> Body { get; init; }
}

/// <summary>The payload of <c>comment.updated</c>.</summary>
internal sealed record CommentChanges(string Body);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Comment))]
[JsonSerializable(typeof(Page<Comment>))]
[JsonSerializable(typeof(NewComment))]
[JsonSerializable(typeof(CommentPatch))]
[JsonSerializable(typeof(CommentChanges))]
internal sealed partial class CommentsJson : JsonSerializerContext;
