using System.Text.Json;
using System.Text.Json.Serialization;
using TaskFlow.Api.Http;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Tasks;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(TaskItem))]
[JsonSerializable(typeof(Page<TaskItem>))]
[JsonSerializable(typeof(Page<WorkspaceEvent>))]
[JsonSerializable(typeof(NewTask))]
[JsonSerializable(typeof(TaskPatch))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, FieldChange>))]
internal sealed partial class TasksJson : JsonSerializerContext;
