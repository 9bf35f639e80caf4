namespace TaskFlow.Local.DaprSidecar.Broker;

/// <summary>
/// The steps that must not be seen half done. Plain lists and sets only: not every server that speaks Redis' protocol has Streams.
/// </summary>
internal static class RedisScripts
{
    /// <summary>Appends messages to the queue of every group. KEYS: groups, retained. ARGV: limit, queue prefix, messages. Returns how many old ones the limit cost.</summary>
    public const string Publish = """
        local targets = redis.call('SMEMBERS', KEYS[1])
        for i, group in ipairs(targets) do targets[i] = ARGV[2] .. group end
        if #targets == 0 then targets[1] = KEYS[2] end
        local limit = tonumber(ARGV[1])
        local dropped = 0
        for _, target in ipairs(targets) do
          local length = 0
          for i = 3, #ARGV do length = redis.call('RPUSH', target, ARGV[i]) end
          if limit > 0 and length > limit then
            redis.call('LTRIM', target, -limit, -1)
            dropped = dropped + length - limit
          end
        end
        return dropped
        """;

    /// <summary>
    /// Makes group and consumer known and gives a sign of life; also repairs a Redis that was flushed. KEYS: groups, retained, queue, consumers, alive. ARGV: group,
    /// consumer, milliseconds to live.
    /// </summary>
    public const string Register = """
        if redis.call('SADD', KEYS[1], ARGV[1]) == 1 then
          while redis.call('LMOVE', KEYS[2], KEYS[3], 'LEFT', 'RIGHT') do end
        end
        redis.call('SADD', KEYS[4], ARGV[2])
        redis.call('SET', KEYS[5], '1', 'PX', ARGV[3])
        return 1
        """;

    /// <summary>Gives back one taken message, unless somebody else already did. KEYS: taken, queue. ARGV: message.</summary>
    public const string Return = """
        if redis.call('LREM', KEYS[1], 1, ARGV[1]) == 0 then return 0 end
        redis.call('LPUSH', KEYS[2], ARGV[1])
        return 1
        """;

    /// <summary>Gives back all that a consumer has taken. KEYS: taken, queue. Returns how many.</summary>
    public const string ReturnAll = """
        local count = 0
        while redis.call('LMOVE', KEYS[1], KEYS[2], 'RIGHT', 'LEFT') do count = count + 1 end
        return count
        """;

    /// <summary>Gives back what dead consumers of the group have taken, and forgets them. KEYS: consumers, queue. ARGV: own name, prefix of alive, prefix of taken.</summary>
    public const string Reclaim = """
        local count = 0
        for _, consumer in ipairs(redis.call('SMEMBERS', KEYS[1])) do
          if consumer ~= ARGV[1] and redis.call('EXISTS', ARGV[2] .. consumer) == 0 then
            while redis.call('LMOVE', ARGV[3] .. consumer, KEYS[2], 'RIGHT', 'LEFT') do count = count + 1 end
            redis.call('SREM', KEYS[1], consumer)
          end
        end
        return count
        """;
}
