using System.Text.Json;
using System.Text.Json.Serialization;
using StackExchange.Redis;
using TaskFlow.Push.Access;
using TaskFlow.Push.Connections;
using TaskFlow.Push.Presence;
using TaskFlow.Push.WorkspaceLogs;

namespace TaskFlow.Push.Transports;

/// <summary>What a poller has seen and where it is, for whichever instance gets its next poll.</summary>
internal sealed record PollState(Guid UserId, Guid WorkspaceId, List<PollViewing> Viewing, Dictionary<Guid, uint> Seen, List<string> Frames);

internal sealed record PollViewing(Guid TaskId, long Since);

/// <summary>Pollers' state in Redis, for 60 s. Without Redis a poller that changes instances starts with a new connection; events are not concerned.</summary>
internal sealed class PollStates(IConnectionMultiplexer redis, ILogger<PollStates> logger)
{
    /// <summary>The poller of that id: the one here, or continued from what another instance left.</summary>
    public ValueTask<PollConnection?> FindAsync(string? connectionId, Caller caller, WorkspaceLog log, PushServices services)
    {
        if (!Instance.TryParse(connectionId, out var instance, out var id)) return default;
        if (instance == services.Instance.Name && services.Endpoints.Find(id) is PollConnection { Closed: null } here)
            return ValueTask.FromResult(here.UserId == caller.UserId && here.Log == log ? here : null);
        return redis.IsConnected ? new ValueTask<PollConnection?>(ContinueAsync(connectionId!, caller, log, services)) : default;
    }

    private async Task<PollConnection?> ContinueAsync(string connectionId, Caller caller, WorkspaceLog log, PushServices services)
    {
        try
        {
            var text = (string?)await redis.GetDatabase().StringGetDeleteAsync(Key(connectionId));
            if (text is null || JsonSerializer.Deserialize(text, PollStateJson.Default.PollState) is not { } state) return null;
            if (state.UserId != caller.UserId || state.WorkspaceId != log.Id || services.Sessions.Enter(caller, log) != Admission.Granted) return null;
            var continued = new PollConnection(services, log, caller);
            if (!log.TryAttach(continued))
            {
                services.Sessions.Left(continued);
                return null;
            }
            services.Endpoints.Add(continued);
            continued.Restore(state);
            await services.Presence.LookAsync(log, state.Seen.Keys); // This instance may not have heard yet what the other one has told.
            await services.Presence.ContinueAsync(continued, state.Viewing.Select(viewing => new Viewing(viewing.TaskId, viewing.Since)), connectionId);
            return continued;
        }
        catch (Exception error) when (error is RedisException or TimeoutException or JsonException)
        {
            logger.NotKept(error.Message);
            return null;
        }
    }

    /// <summary>Keeps what another instance needs. Sent before it returns; completes when Redis has it, or is away.</summary>
    public async Task SaveAsync(PollConnection poll)
    {
        try { await Send(poll); }
        catch (Exception error) when (error is RedisException or TimeoutException) { logger.NotKept(error.Message); }
    }

    private Task Send(PollConnection poll)
    {
        if (!redis.IsConnected || poll.Closed is not null) return Task.CompletedTask;
        lock (poll) // What an answer and a frame have changed at the same time is sent in that order.
        {
            var state = poll.Save();
            if (state is null && !poll.IsSaved) return Task.CompletedTask;
            poll.IsSaved = state is not null;
            var key = Key(poll.PublicId);
            return state is not null
                ? redis.GetDatabase().StringSetAsync(key, JsonSerializer.Serialize(state, PollStateJson.Default.PollState), PollConnection.Memory)
                : redis.GetDatabase().KeyDeleteAsync(key); // Or another instance would bring it back to the tasks it has left.
        }
    }

    private static string Key(string connectionId) => $"poll:{connectionId}";
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(PollState))]
internal sealed partial class PollStateJson : JsonSerializerContext;

internal static partial class PollStatesLog
{
    [LoggerMessage(LogLevel.Debug, "The state of a poller is not kept: {Reason}")]
    public static partial void NotKept(this ILogger<PollStates> logger, string reason);
}
