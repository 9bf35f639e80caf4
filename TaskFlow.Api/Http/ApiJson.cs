using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Mvc;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Http;

/// <summary>The JSON of this API: source-generated, one context per feature, joined here.</summary>
internal static class ApiJson
{
    /// <summary>Add a feature's context here; a type that is in none of them cannot be written or read.</summary>
    private static readonly IJsonTypeInfoResolver Resolver = JsonTypeInfoResolver.Combine(
        HttpJson.Default,
        Auth.AuthJson.Default,
        Workspaces.WorkspacesJson.Default,
        Events.EventsJson.Default,
        Projects.ProjectsJson.Default,
        Tasks.TasksJson.Default,
        Comments.CommentsJson.Default,
        Notifications.NotificationsJson.Default,
        Presence.PresenceJson.Default,
        TaskFlowJson.Default);

    public static JsonSerializerOptions Options { get; } = Configure(new JsonSerializerOptions(JsonSerializerDefaults.Web));

    public static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        options.TypeInfoResolver = Resolver;
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping; // what we send is JSON, never inlined in HTML
        options.NumberHandling = JsonNumberHandling.Strict;
        options.MaxDepth = 32;
        return options;
    }

    /// <summary>A value as an event's payload.</summary>
    public static JsonElement Element<T>(T value) => JsonSerializer.SerializeToElement(value, TypeInfo<T>());

    public static JsonTypeInfo<T> TypeInfo<T>() => (JsonTypeInfo<T>)Options.GetTypeInfo(typeof(T));
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ProblemDetails))]
[JsonSerializable(typeof(Dictionary<string, string[]>))]
[JsonSerializable(typeof(IDictionary<string, string[]>))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(bool))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(long))]
[JsonSerializable(typeof(Guid))]
[JsonSerializable(typeof(Guid?))]
[JsonSerializable(typeof(DateOnly?))]
[JsonSerializable(typeof(DateTimeOffset))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class HttpJson : JsonSerializerContext;
