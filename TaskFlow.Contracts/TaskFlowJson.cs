using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace TaskFlow.Contracts;

/// <summary>Source-generated JSON for everything in this assembly: camelCase, text not escaped beyond what JSON needs.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(WorkspaceEvent))]
[JsonSerializable(typeof(EventMessage))]
[JsonSerializable(typeof(EventMessage[]))]
[JsonSerializable(typeof(Notification))]
[JsonSerializable(typeof(IReadOnlyList<AddressedNotification>))]
[JsonSerializable(typeof(FeedPage))]
[JsonSerializable(typeof(HeadsRequest))]
[JsonSerializable(typeof(HeadsResponse))]
[JsonSerializable(typeof(WelcomeFrame))]
[JsonSerializable(typeof(PresenceFrame))]
[JsonSerializable(typeof(NotificationFrame))]
[JsonSerializable(typeof(HeartbeatFrame))]
[JsonSerializable(typeof(ResetFrame))]
[JsonSerializable(typeof(ErrorFrame))]
[JsonSerializable(typeof(GoAwayFrame))]
[JsonSerializable(typeof(PongFrame))]
[JsonSerializable(typeof(IReadOnlyList<PresenceViewer>))]
public sealed partial class TaskFlowJson : JsonSerializerContext
{
    /// <summary>The context to use between services and towards clients. Text stays readable: what arrives is JSON, never inlined in HTML.</summary>
    public static TaskFlowJson Relaxed { get; } = new(new JsonSerializerOptions(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
