using StackExchange.Redis;
using TaskFlow.Contracts;
using TaskFlow.Push.WorkspaceLogs;

namespace TaskFlow.Push.Presence;

/// <summary>
/// Presence as all instances share it: the sorted sets of <see cref="PresenceKeys"/>. The scripts keep the sets of a task and the list of tasks
/// in step. Nothing here throws for Redis being away: presence pauses then, and is announced again afterwards.
/// </summary>
internal sealed class PresenceStore(IConnectionMultiplexer redis, RedisChannels channels, Clock clock, ILogger<PresenceStore> logger)
{
    private const string JoinScript = """
        local stale = ARGV[4] - ARGV[6]
        redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', stale)
        redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[4] - ARGV[7])
        redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', stale)
        local changed = redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
        redis.call('ZADD', KEYS[3], ARGV[2], ARGV[3])
        if ARGV[5] == '1' then
          changed = changed + redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
          redis.call('PEXPIRE', KEYS[2], ARGV[6])
        elseif ARGV[5] == '0' then
          changed = changed + redis.call('ZREM', KEYS[2], ARGV[1])
        end
        redis.call('PEXPIRE', KEYS[1], ARGV[6] * 2)
        redis.call('PEXPIRE', KEYS[3], ARGV[6] * 2)
        return changed
        """;

    private const string LeaveScript = """
        local changed = redis.call('ZREM', KEYS[1], ARGV[1]) + redis.call('ZREM', KEYS[2], ARGV[1])
        if redis.call('ZCARD', KEYS[1]) == 0 then redis.call('ZREM', KEYS[3], ARGV[2]) end
        return changed
        """;

    /// <summary>The connection is on the task. True when that is news for others.</summary>
    /// <param name="workspace">The workspace.</param>
    /// <param name="member">The connection, as <see cref="PresenceKeys.Member"/> writes it.</param>
    /// <param name="viewing">Where it is, and when it was last heard of.</param>
    /// <param name="typing">Whether it types; null leaves that as it is.</param>
    public Task<bool> JoinAsync(Guid workspace, string member, Viewing viewing, bool? typing) => ChangeAsync(workspace, viewing.TaskId, JoinScript,
        [member, viewing.HeardAt, viewing.TaskId.ToString(), clock.UnixMilliseconds, typing switch { true => "1", false => "0", null => "" },
            (long)PresenceKeys.Lifetime.TotalMilliseconds, (long)PresenceKeys.TypingLifetime.TotalMilliseconds]);

    public Task<bool> LeaveAsync(Guid workspace, Guid task, string member) => ChangeAsync(workspace, task, LeaveScript, [member, task.ToString()]);

    /// <summary>Everybody on a task with the time of their last heartbeat, and of those the ones who type; null when Redis is away.</summary>
    public async Task<(SortedSetEntry[] Viewers, SortedSetEntry[] Typing)?> ReadAsync(Guid workspace, Guid task)
    {
        try
        {
            var (database, now) = (redis.GetDatabase(), clock.UnixMilliseconds);
            var viewers = database.SortedSetRangeByScoreWithScoresAsync(PresenceKeys.Viewers(workspace, task), now - PresenceKeys.Lifetime.TotalMilliseconds);
            var typing = database.SortedSetRangeByScoreWithScoresAsync(PresenceKeys.Typing(workspace, task), now - PresenceKeys.TypingLifetime.TotalMilliseconds);
            return (await viewers, await typing);
        }
        catch (Exception error) when (error is RedisException or TimeoutException)
        {
            logger.Paused(error.Message);
            return null;
        }
    }

    /// <summary>The tasks of a workspace that somebody may be on.</summary>
    public async Task<Guid[]> ReadTasksAsync(Guid workspace)
    {
        try
        {
            var tasks = await redis.GetDatabase().SortedSetRangeByScoreAsync(PresenceKeys.Tasks(workspace), clock.UnixMilliseconds - PresenceKeys.Lifetime.TotalMilliseconds);
            return [.. tasks.Select(text => Guid.TryParse((string?)text, out var task) ? task : Guid.Empty).Where(task => task != Guid.Empty)];
        }
        catch (Exception error) when (error is RedisException or TimeoutException)
        {
            logger.Paused(error.Message);
            return [];
        }
    }

    public async Task RemoveTaskAsync(Guid workspace, Guid task)
    {
        try
        {
            var database = redis.GetDatabase();
            await database.KeyDeleteAsync([PresenceKeys.Viewers(workspace, task), PresenceKeys.Typing(workspace, task)]);
            await database.SortedSetRemoveAsync(PresenceKeys.Tasks(workspace), task.ToString());
        }
        catch (Exception error) when (error is RedisException or TimeoutException) { logger.Paused(error.Message); }
    }

    private async Task<bool> ChangeAsync(Guid workspace, Guid task, string script, RedisValue[] arguments)
    {
        if (!redis.IsConnected) return false;
        try
        {
            RedisKey[] keys = [PresenceKeys.Viewers(workspace, task), PresenceKeys.Typing(workspace, task), PresenceKeys.Tasks(workspace)];
            if ((long)await redis.GetDatabase().ScriptEvaluateAsync(script, keys, arguments) == 0) return false;
            await channels.PublishAsync(Topology.Channels.Presence(workspace), task.ToString());
            return true;
        }
        catch (Exception error) when (error is RedisException or TimeoutException)
        {
            logger.Paused(error.Message);
            return false;
        }
    }
}

internal static partial class PresenceStoreLog
{
    [LoggerMessage(LogLevel.Debug, "Presence pauses: Redis does not answer ({Reason})")]
    public static partial void Paused(this ILogger<PresenceStore> logger, string reason);
}
