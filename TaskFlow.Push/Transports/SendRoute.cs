using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using StackExchange.Redis;
using TaskFlow.Contracts;
using TaskFlow.Push.Connections;
using TaskFlow.Push.WorkspaceLogs;

namespace TaskFlow.Push.Transports;

/// <summary>The way back for clients whose transport has none.</summary>
internal static class SendRoute
{
    public static async Task<Results<StatusCodeHttpResult, ProblemHttpResult>> SendAsync(HttpContext context, Gate gate, FrameForwarder forwarder, string ws)
    {
        var (caller, workspace, refusal) = await gate.IdentifyAsync(context, ws, isNew: false, whileDraining: true); // The streams that are still served have things to say.
        if (caller is null) return refusal!;
        if (!context.Request.HasJsonContentType())
            return TypedResults.Problem(title: "The body is JSON.", statusCode: 415, extensions: new Dictionary<string, object?> { ["code"] = ErrorCodes.UnsupportedMediaType });
        if (await ReadAsync(context.Request, context.RequestAborted) is not { } body) return Problems.TooLarge();
        if (!TryParse(body, out var connectionId, out var frames, out var field, out var message)) return Problems.Invalid(field, message);
        return await forwarder.DeliverAsync(connectionId, workspace, caller.UserId, frames) switch
        {
            SendOutcome.Accepted => TypedResults.StatusCode(StatusCodes.Status202Accepted),
            SendOutcome.TooMany => Problems.RateLimited(context, "30 frames a second."),
            SendOutcome.Unavailable => Problems.Unavailable(context, "The connection's instance cannot be reached just now."),
            _ => Problems.NotFound("There is no such connection of yours: open a new one."),
        };
    }

    /// <summary>The body; null when it is over 64 KB.</summary>
    private static async Task<byte[]?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > WebSocketConnection.MaxMessage) return null;
        var body = new MemoryStream();
        var buffer = new byte[4096];
        for (int read; (read = await request.Body.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            if (body.Length + read > WebSocketConnection.MaxMessage) return null;
            body.Write(buffer, 0, read);
        }
        return body.ToArray();
    }

    private static bool TryParse(byte[] body, out string connectionId, out List<string> frames, out string field, out string message)
    {
        (connectionId, frames, field, message) = ("", [], "body", "The body is not JSON.");
        try
        {
            using var document = JsonDocument.Parse(body);
            (field, message) = ("body", "An object with connectionId and frames.");
            if (document.RootElement.ValueKind != JsonValueKind.Object) return false;
            (field, message) = ("connectionId", "The connectionId of the welcome or of the last poll.");
            if (!document.RootElement.TryGetProperty("connectionId", out var id) || id.ValueKind != JsonValueKind.String) return false;
            connectionId = id.GetString()!;
            (field, message) = ("frames", "A list of frames.");
            if (!document.RootElement.TryGetProperty("frames", out var list) || list.ValueKind != JsonValueKind.Array) return false;
            frames.AddRange(list.EnumerateArray().Select(frame => frame.GetRawText()));
            return true;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException) { return false; }
    }
}

internal enum SendOutcome { Accepted, TooMany, NotFound, Unavailable }

/// <summary>Brings frames to the connection they are for: here, or over Redis to the instance that its id names.</summary>
internal sealed class FrameForwarder(PushServices services, PollStates polls) : IHostedService
{
    private const int MaxBuckets = 10_000;

    /// <summary>How many frames of one client may wait for those before them: ten seconds' worth.</summary>
    private const int MaxWaiting = 300;
    private readonly ConcurrentDictionary<string, RemoteBucket> _remote = new();
    private readonly Dictionary<Connection, (Task Last, int Frames)> _waiting = [];

    public Task StartAsync(CancellationToken cancellationToken) => services.Channels.SubscribeAsync(Topology.Channels.Instance(services.Instance.Name), OnForwarded);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task<SendOutcome> DeliverAsync(string connectionId, Guid workspace, Guid user, List<string> frames)
    {
        if (!Instance.TryParse(connectionId, out var instance, out var id)) return SendOutcome.NotFound;
        if (instance == services.Instance.Name)
        {
            if (services.Endpoints.Find(id) is not { } connection || connection.UserId != user || connection.Log.Id != workspace) return SendOutcome.NotFound;
            if (!connection.TakeAllowance(frames.Count)) return SendOutcome.TooMany;
            if (TryHandle(connection, frames) is not { } handling) return SendOutcome.TooMany;
            await handling;
            return SendOutcome.Accepted;
        }
        if (!TakeRemote(connectionId, frames.Count)) return SendOutcome.TooMany;
        try
        {
            var message = JsonSerializer.SerializeToUtf8Bytes(new ForwardedFrames(id, workspace, user, frames), ForwardedFramesJson.Default.ForwardedFrames);
            return await services.Channels.PublishAsync(Topology.Channels.Instance(instance), message) > 0 ? SendOutcome.Accepted : SendOutcome.NotFound;
        }
        catch (Exception error) when (error is RedisException or TimeoutException) { return SendOutcome.Unavailable; }
    }

    private void OnForwarded(RedisValue value)
    {
        try
        {
            if ((byte[]?)value is not { } message || JsonSerializer.Deserialize(message, ForwardedFramesJson.Default.ForwardedFrames) is not { } forwarded) return;
            if (services.Endpoints.Find(forwarded.ConnectionId) is not { } connection || connection.UserId != forwarded.UserId || connection.Log.Id != forwarded.WorkspaceId) return;
            if (TryHandle(connection, forwarded.Frames) is null) connection.Refuse(ErrorCodes.RateLimited, "Too many frames wait to be handled: these were dropped.", reference: null);
        }
        catch (JsonException) { } // Nobody but an instance of this service writes here.
    }

    /// <summary>Handles frames when those that came before for the same connection are done, whichever way they came; null when too many wait already.</summary>
    private Task? TryHandle(Connection connection, List<string> frames)
    {
        var handled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task? before;
        lock (_waiting)
        {
            (before, var count) = _waiting.GetValueOrDefault(connection);
            if (count + frames.Count > MaxWaiting) return null;
            _waiting[connection] = (handled.Task, count + frames.Count);
        }
        return HandleAsync(connection, frames, before, handled);
    }

    private async Task HandleAsync(Connection connection, List<string> frames, Task? before, TaskCompletionSource handled)
    {
        try
        {
            if (before is not null) await before;
            foreach (var frame in frames) await connection.HandleAsync(Encoding.UTF8.GetBytes(frame));
            if (connection is PollConnection poll) await polls.SaveAsync(poll); // Its next poll may be another instance's.
        }
        finally
        {
            lock (_waiting)
            {
                var (last, count) = _waiting[connection];
                if (last == handled.Task) _waiting.Remove(connection);
                else _waiting[connection] = (last, count - frames.Count);
            }
            handled.SetResult();
        }
    }

    private bool TakeRemote(string connectionId, int count)
    {
        if (_remote.Count > MaxBuckets) _remote.Clear();
        var bucket = _remote.GetOrAdd(connectionId, _ => new RemoteBucket());
        lock (bucket) return bucket.Bucket.TryTake(Environment.TickCount, count);
    }

    private sealed class RemoteBucket
    {
        public RateBucket Bucket;
    }
}

/// <summary>What travels on the channel of an instance.</summary>
internal sealed record ForwardedFrames(long ConnectionId, Guid WorkspaceId, Guid UserId, List<string> Frames);

[System.Text.Json.Serialization.JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[System.Text.Json.Serialization.JsonSerializable(typeof(ForwardedFrames))]
internal sealed partial class ForwardedFramesJson : System.Text.Json.Serialization.JsonSerializerContext;
