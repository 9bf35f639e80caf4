using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using StackExchange.Redis;
using TaskFlow.Contracts;
using TaskFlow.Push.Telemetry;

namespace TaskFlow.Push.WorkspaceLogs;

/// <summary>What the sidecar calls: one instance gets each message of the topic, and passes it on to all over Redis.</summary>
internal static class EventRoutes
{
    private const int MaxBody = 4 * 1024 * 1024;

    public static void MapEvents(this IEndpointRouteBuilder app)
    {
        var requireSidecar = RequireSidecar(app.ServiceProvider.GetRequiredService<IConfiguration>(), app.ServiceProvider.GetRequiredService<IHostEnvironment>());
        app.MapSubscribeHandler();
        app.MapPost(Topology.Routes.EventsSubscription, ReceiveAsync)
            .WithTopic(new Dapr.TopicOptions { PubsubName = Topology.PubSub, Name = Topology.EventsTopic, DeadLetterTopic = Topology.DeadLetterTopic })
            .AddEndpointFilter(requireSidecar).ExcludeFromDescription();
        app.MapPost(Topology.Routes.DeadLetterSubscription, ReceiveDeadLetterAsync)
            .WithTopic(Topology.PubSub, Topology.DeadLetterTopic)
            .AddEndpointFilter(requireSidecar).ExcludeFromDescription();
    }

    /// <summary>An event: published for the other instances, and applied here if somebody is connected while Redis has it. An error makes the sidecar deliver it again.</summary>
    private static async Task<Results<Ok, JsonHttpResult<TopicAnswer>, StatusCodeHttpResult>> ReceiveAsync(HttpContext context, OpenLogs logs, RedisChannels channels, ILogger<EventTopic> logger)
    {
        ReadOnlyMemory<byte> message;
        LogEvent read;
        try
        {
            message = Unwrap(await ReadAsync(context.Request, context.RequestAborted));
            read = LogEvent.Parse(message.Span);
            if (!message.Span.StartsWith("{\"type\":"u8) || message.Span.ContainsAny((byte)'\n', (byte)'\r')) message = LogEvent.Canonical(message.Span);
        }
        catch (Exception error) when (error is JsonException or FormatException or InvalidOperationException or InvalidDataException)
        {
            logger.Dropped(error.Message);
            return TypedResults.Json(new TopicAnswer("DROP"), TopicAnswerJson.Default.TopicAnswer); // No redelivery makes it an event.
        }
        var publishing = PublishAsync(channels, read, message);
        logs.Find(read.WorkspaceId)?.Offer([read], here: true);
        try { await publishing; }
        catch (Exception error) when (error is RedisException or TimeoutException)
        {
            logger.NotPublished(read.WorkspaceId, read.Seq, error.Message);
            return TypedResults.StatusCode(StatusCodes.Status503ServiceUnavailable);
        }
        return TypedResults.Ok();
    }

    private static async Task PublishAsync(RedisChannels channels, LogEvent read, ReadOnlyMemory<byte> message)
    {
        var channel = Topology.Channels.Events(read.WorkspaceId);
        using var publish = PushTelemetry.Source.StartActivity("redis publish", System.Diagnostics.ActivityKind.Producer);
        publish?.SetTag("messaging.system", "redis").SetTag("messaging.destination.name", channel).SetTag("taskflow.seq", read.Seq);
        await channels.PublishAsync(channel, message);
    }

    /// <summary>A message whose delivery failed for good: recorded, and made up for at once from the Api.</summary>
    private static async Task<Ok> ReceiveDeadLetterAsync(HttpContext context, Beacon beacon, RedisChannels channels, PushTelemetry telemetry, ILogger<EventTopic> logger)
    {
        telemetry.DeadLetter();
        try
        {
            var message = Unwrap(await ReadAsync(context.Request, context.RequestAborted));
            var read = LogEvent.Parse(message.Span);
            logger.DeadLetter(read.WorkspaceId, read.Seq, read.Type);
            await channels.PublishAsync(Topology.Channels.Events(read.WorkspaceId), LogEvent.Canonical(message.Span));
            await beacon.AskAsync(read.WorkspaceId, context.RequestAborted);
        }
        catch (Exception error) when (error is JsonException or FormatException or InvalidOperationException or InvalidDataException) { logger.Dropped(error.Message); }
        catch (Exception error) when (error is RedisException or TimeoutException or Access.ApiUnavailableException) { logger.Later(error.Message); }
        return TypedResults.Ok();
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream((int)Math.Clamp(request.ContentLength ?? 1024, 0, MaxBody));
        await request.Body.CopyToAsync(body, cancellationToken);
        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    /// <summary>The data of a CloudEvent as text; a body that is none is taken as the data itself.</summary>
    private static ReadOnlyMemory<byte> Unwrap(ReadOnlyMemory<byte> body)
    {
        var reader = new Utf8JsonReader(body.Span);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw new JsonException("no object");
        var isCloudEvent = false;
        ReadOnlyMemory<byte>? data = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("specversion"u8)) isCloudEvent = true;
            var (isData, isEncoded) = (reader.ValueTextEquals("data"u8), reader.ValueTextEquals("data_base64"u8));
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (isData) data = reader.TokenType == JsonTokenType.String ? Encoding.UTF8.GetBytes(reader.GetString()!) : body[start..(int)reader.BytesConsumed];
            else if (isEncoded) data = reader.GetBytesFromBase64();
        }
        return !isCloudEvent ? body : data ?? throw new InvalidDataException("a CloudEvent without data");
    }

    /// <summary>
    /// Only the sidecar may call these routes: it shows a token (APP_API_TOKEN), or comes by a port that nobody else reaches (DaprAppPort).
    /// Without either they are closed in production.
    /// </summary>
    private static Func<EndpointFilterInvocationContext, EndpointFilterDelegate, ValueTask<object?>> RequireSidecar(IConfiguration configuration, IHostEnvironment environment)
    {
        var port = configuration.GetValue<int?>(Topology.Settings.DaprAppPort);
        var expected = configuration["APP_API_TOKEN"] is { Length: > 0 } token ? Encoding.UTF8.GetBytes(token) : null;
        var closed = port is null && expected is null && environment.IsProduction();
        return (invocation, next) =>
        {
            var context = invocation.HttpContext;
            if (port is not null && context.Connection.LocalPort != port) return ValueTask.FromResult<object?>(Transports.Problems.NotFound("There is nothing here."));
            var refused = closed || (expected is not null && !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(context.Request.Headers["dapr-api-token"].ToString()), expected));
            return refused ? ValueTask.FromResult<object?>(Transports.Problems.Unauthorized(context)) : next(invocation);
        };
    }
}

/// <summary>What a subscriber answers besides an empty 200.</summary>
internal sealed record TopicAnswer(string Status);

[System.Text.Json.Serialization.JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[System.Text.Json.Serialization.JsonSerializable(typeof(TopicAnswer))]
internal sealed partial class TopicAnswerJson : System.Text.Json.Serialization.JsonSerializerContext;

/// <summary>Names the log category of the topic.</summary>
internal sealed class EventTopic;

internal static partial class EventRoutesLog
{
    [LoggerMessage(LogLevel.Warning, "A message of the topic is no event and was dropped: {Reason}")]
    public static partial void Dropped(this ILogger<EventTopic> logger, string reason);

    [LoggerMessage(LogLevel.Warning, "Event {Seq} of workspace {Workspace} could not be passed on: {Reason}. The sidecar delivers it again")]
    public static partial void NotPublished(this ILogger<EventTopic> logger, Guid workspace, long seq, string reason);

    [LoggerMessage(LogLevel.Error, "Event {Seq} ({Type}) of workspace {Workspace} came by the dead-letter topic: its delivery had failed for good. It is repaired from the feed")]
    public static partial void DeadLetter(this ILogger<EventTopic> logger, Guid workspace, long seq, string type);

    [LoggerMessage(LogLevel.Warning, "A dead letter could not be made up for at once: {Reason}. The beacon does it")]
    public static partial void Later(this ILogger<EventTopic> logger, string reason);
}
