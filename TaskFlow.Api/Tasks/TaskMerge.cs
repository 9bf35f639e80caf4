using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace TaskFlow.Api.Tasks;

/// <summary>What a change does to a task: the pure part of PATCH.</summary>
internal sealed class TaskMerge
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Dictionary<string, FieldChange> _changes;
    private readonly List<(string Field, Guid Writer)> _overwritten = [];

    private TaskMerge(TaskRow before) => (Before, After, _changes) = (before.Task, before.Task, new Dictionary<string, FieldChange>(before.Changes));

    public TaskItem Before { get; }

    public TaskItem After { get; private set; }

    /// <summary>The task as it is to be stored.</summary>
    public TaskRow Row => new(After, _changes);

    /// <summary>Whether the title or the description changed.</summary>
    public bool HasNewText => After.Title != Before.Title || After.Description != Before.Description;

    /// <summary>The changed fields with their new values; null when nothing changed.</summary>
    public JsonElement? Payload { get; private set; }

    /// <summary>By person, the fields they had changed since the version this change is based on and that it has written over.</summary>
    public IEnumerable<IGrouping<Guid, string>> Overwritten => _overwritten.GroupBy(change => change.Writer, change => change.Field);

    /// <summary>Applies a change.</summary>
    /// <param name="before">The task as it is.</param>
    /// <param name="patch">The change.</param>
    /// <param name="basedOn">The version that the writer saw; null: the present one, whatever it is.</param>
    /// <param name="by">The writer.</param>
    /// <param name="at">When.</param>
    public static TaskMerge Apply(TaskRow before, TaskPatch patch, int? basedOn, Guid by, DateTimeOffset at)
    {
        var merge = new TaskMerge(before);
        var task = before.Task;
        var buffer = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(buffer, Relaxed);
        json.WriteStartObject();

        if (patch.Title is { IsSet: true, Value: var title } && title != task.Title)
        {
            merge.After = merge.After with { Title = title! };
            merge.Changed("title", basedOn, by);
            json.WriteString("title", title);
        }
        if (patch.Description is { IsSet: true, Value: var description } && description != task.Description)
        {
            merge.After = merge.After with { Description = description! };
            merge.Changed("description", basedOn, by);
            json.WriteString("description", description);
        }
        if (patch.Status is { IsSet: true, Value: var status } && status != task.Status)
        {
            merge.After = merge.After with { Status = status! };
            merge.Changed("status", basedOn, by);
            json.WriteString("status", status);
        }
        if (patch.Priority is { IsSet: true, Value: var priority } && priority != task.Priority)
        {
            merge.After = merge.After with { Priority = priority! };
            merge.Changed("priority", basedOn, by);
            json.WriteString("priority", priority);
        }
        if (patch.AssigneeId is { IsSet: true, Value: var assignee } && assignee != task.AssigneeId)
        {
            merge.After = merge.After with { AssigneeId = assignee };
            merge.Changed("assigneeId", basedOn, by);
            if (assignee is { } id) json.WriteString("assigneeId", id);
            else json.WriteNull("assigneeId");
        }
        if (patch.Labels is { IsSet: true, Value: var labels } && !labels!.SequenceEqual(task.Labels))
        {
            merge.After = merge.After with { Labels = [.. labels!.Select(label => label!)] };
            merge.Changed("labels", basedOn, by);
            json.WriteStartArray("labels");
            foreach (var label in labels!) json.WriteStringValue(label);
            json.WriteEndArray();
        }
        if (patch.DueOn is { IsSet: true, Value: var dueOn } && dueOn != task.DueOn)
        {
            merge.After = merge.After with { DueOn = dueOn };
            merge.Changed("dueOn", basedOn, by);
            if (dueOn is { } day) json.WriteString("dueOn", day.ToString("O"));
            else json.WriteNull("dueOn");
        }
        if (patch.Position is { IsSet: true, Value: var position } && position != task.Position)
        {
            merge.After = merge.After with { Position = position! };
            merge.Changed("position", basedOn, by);
            json.WriteString("position", position);
        }

        json.WriteEndObject();
        if (ReferenceEquals(merge.After, task)) return merge;
        json.Flush();
        merge.Payload = JsonElement.Parse(buffer.WrittenSpan);
        merge.After = merge.After with { Version = task.Version + 1, UpdatedAt = at };
        return merge;
    }

    /// <summary>Fields that were not changed since creation have no entry: nobody can have based a change on less than version 1.</summary>
    private void Changed(string field, int? basedOn, Guid by)
    {
        if (_changes.TryGetValue(field, out var last) && last.Version > basedOn && last.By != by) _overwritten.Add((field, last.By));
        _changes[field] = new FieldChange(Before.Version + 1, by);
    }
}
