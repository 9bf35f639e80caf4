using System.Text.Json;
using Npgsql;
using TaskFlow.Api.Access;
using TaskFlow.Api.Database;
using TaskFlow.Api.Events;
using TaskFlow.Api.Http;
using TaskFlow.Api.Notifications;
using TaskFlow.Api.Tasks;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Comments;

/// <summary>The transactions that change comments. The task's version stays.</summary>
internal sealed class CommentWriter(EventLog log, TimeProvider time)
{
    private const int MaxBytes = 10 * 1024;

    // Holds the task, so that it is not deleted meanwhile, without waiting for those who change it.
    private const string HoldTaskSql = $"select {TaskRows.Columns} from tasks t where t.id = $1 and t.workspace_id = $2 for key share";
    private const string LockSql = $"select {Comment.Columns} from comments c where c.id = $1 and c.task_id = $2 and c.workspace_id = $3 for update";

    private const string InsertSql = """
        insert into comments (id, workspace_id, task_id, body, author_id, author_name, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $7)
        """;

    private const string UpdateSql = "update comments set body = $2, updated_at = $3 where id = $1";

    public Task<Answer> CreateAsync(Membership member, Mutation mutation, Guid taskId, NewComment sent, CancellationToken ct)
    {
        var body = CheckBody(sent.Body);
        return log.WriteAsync(member, mutation, Held(member, taskId, commentId: null, async (transaction, task, _) =>
        {
            var now = time.GetMicroseconds();
            var comment = new Comment(Guid.CreateVersion7(now), member.WorkspaceId, taskId, body, member.UserId, member.UserName, now, now);
            var insert = new NpgsqlBatchCommand(InsertSql)
            {
                Parameters =
                {
                    Param.Of(comment.Id), Param.Of(comment.WorkspaceId), Param.Of(comment.TaskId), Param.Of(comment.Body), Param.Of(comment.AuthorId),
                    Param.Of(comment.AuthorName), Param.Of(comment.CreatedAt),
                },
            };
            var draft = Draft(EventTypes.CommentCreated, comment, task, member, now, mutation.Id) with
            {
                Payload = ApiJson.Element(comment),
                Notifications = await NotifyAsync(transaction, task, comment, before: "", member, ct),
            };
            transaction.Append([draft], [insert, .. draft.Notifications.Select(Notifier.Insert)]);
            return Answer.Created($"{task.Location}/comments/{comment.Id}", comment);
        }), ct);
    }

    /// <summary>Changes one's own comment. Who is newly named in it is told.</summary>
    public Task<Answer> ChangeAsync(Membership member, Mutation mutation, Guid taskId, Guid id, CommentPatch patch, CancellationToken ct)
    {
        var body = patch.Body.IsSet ? CheckBody(patch.Body.Value) : null;
        return log.WriteAsync(member, mutation, Held(member, taskId, id, async (transaction, task, comment) =>
        {
            if (comment!.AuthorId != member.UserId) throw new ProblemException(Problems.Forbidden("Only the author may edit a comment."));
            if (body is null || body == comment.Body) return Answer.Ok(comment);

            var changed = comment with { Body = body, UpdatedAt = time.GetMicroseconds() };
            var update = new NpgsqlBatchCommand(UpdateSql) { Parameters = { Param.Of(id), Param.Of(body), Param.Of(changed.UpdatedAt) } };
            var draft = Draft(EventTypes.CommentUpdated, changed, task, member, changed.UpdatedAt, mutation.Id) with
            {
                Payload = ApiJson.Element(new CommentChanges(body)),
                Notifications = await NotifyAsync(transaction, task, changed, comment.Body, member, ct),
            };
            transaction.Append([draft], [update, .. draft.Notifications.Select(Notifier.Insert)]);
            return Answer.Ok(changed);
        }), ct);
    }

    /// <summary>Deletes a comment: one's own, or as a moderator anybody's.</summary>
    public Task DeleteAsync(Membership member, Guid taskId, Guid id, CancellationToken ct) =>
        log.WriteAsync(member, Mutation.Unkeyed, Held(member, taskId, id, (transaction, task, comment) =>
        {
            if (comment!.AuthorId != member.UserId && !transaction.Member.Allows(Permission.ModerateComments))
            {
                throw new ProblemException(Problems.Forbidden("Only the author or an admin may delete a comment."));
            }
            var delete = new NpgsqlBatchCommand("delete from comments where id = $1") { Parameters = { Param.Of(id) } };
            transaction.Append([Draft(EventTypes.CommentDeleted, comment, task, member, time.GetMicroseconds(), mutationId: null)], [delete]);
            return Task.FromResult(Answer.NoContent());
        }), ct);

    /// <summary>A change about a task that is there and stays so, and about a comment on it, where one is named.</summary>
    private static LogChange<(TaskItem? Task, Comment? Comment)> Held(
        Membership member, Guid taskId, Guid? commentId, Func<WorkspaceTransaction, TaskItem, Comment?, Task<Answer>> change)
    {
        return new LogChange<(TaskItem? Task, Comment? Comment)>(First, ReadAsync, (transaction, known) =>
        {
            var task = known.Task ?? throw new ProblemException(Problems.NotFound("There is no such task."));
            if (commentId is not null && known.Comment is null) throw new ProblemException(Problems.NotFound("There is no such comment."));
            return change(transaction, task, known.Comment);
        })
        {
            Subject = taskId,
        };

        IReadOnlyList<NpgsqlBatchCommand> First()
        {
            var holdTask = new NpgsqlBatchCommand(HoldTaskSql) { Parameters = { Param.Of(taskId), Param.Of(member.WorkspaceId) } };
            return commentId is { } id
                ? [holdTask, new NpgsqlBatchCommand(LockSql) { Parameters = { Param.Of(id), Param.Of(taskId), Param.Of(member.WorkspaceId) } }]
                : [holdTask];
        }

        async Task<(TaskItem? Task, Comment? Comment)> ReadAsync(NpgsqlDataReader results, CancellationToken ct)
        {
            var task = await results.ReadAsync(ct) ? TaskRows.Read(results) : null;
            if (commentId is null) return (task, null);
            await results.NextResultAsync(ct);
            return (task, await results.ReadAsync(ct) ? Comment.Read(results) : null);
        }
    }

    private static string CheckBody(string? sent)
    {
        var check = new Validator();
        var body = check.LongText("body", sent, MaxBytes);
        check.ThrowIfInvalid();
        return body;
    }

    private static async Task<IReadOnlyList<AddressedNotification>> NotifyAsync(
        WorkspaceTransaction transaction, TaskItem task, Comment comment, string before, Membership member, CancellationToken ct)
    {
        var named = await Mentions.FindNewAsync(transaction.Connection, transaction.Transaction, task.WorkspaceId, "body", comment.Body, before, ct);
        NotificationDraft[] drafts =
        [
            .. named.Select(user => new NotificationDraft(user, NotificationKinds.Mention, $"{member.UserName} mentioned you in a comment on {task.Label}.")
            {
                CommentId = comment.Id,
            }),
        ];
        var by = new PersonRef(member.UserId, member.UserName);
        return await Notifier.AddressAsync(transaction.Connection, transaction.Transaction, task.WorkspaceId, task.Id, by, comment.UpdatedAt, drafts, ct);
    }

    private static EventDraft Draft(string type, Comment comment, TaskItem task, Membership member, DateTimeOffset at, string? mutationId) => new()
    {
        Type = type,
        WorkspaceId = comment.WorkspaceId,
        TaskId = task.Id,
        ProjectId = task.ProjectId,
        CommentId = comment.Id,
        UserId = member.UserId,
        UserName = member.UserName,
        MutationId = mutationId,
        Timestamp = at,
    };
}
