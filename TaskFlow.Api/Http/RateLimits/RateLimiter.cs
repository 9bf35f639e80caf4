using System.Collections.Concurrent;
using StackExchange.Redis;
using TaskFlow.Api.Caching;

namespace TaskFlow.Api.Http;

/// <summary>Counts requests in Redis, so that the limit holds over all instances; while Redis is away each instance counts by itself.</summary>
internal sealed class RateLimiter(RedisLink redis, TimeProvider time)
{
    /// <summary>Reads both counters and counts the request in one step, unless it would be over the limit. Answers what was there before.</summary>
    private const string Script = """
        local previous = tonumber(redis.call('GET', KEYS[1]) or '0')
        local current = tonumber(redis.call('GET', KEYS[2]) or '0')
        if previous * tonumber(ARGV[2]) + current + 1 <= tonumber(ARGV[1]) then
            redis.call('INCR', KEYS[2])
            redis.call('PEXPIRE', KEYS[2], ARGV[3])
        end
        return { previous, current }
        """;

    private static readonly RedisValue KeepMilliseconds = (long)(SlidingWindow.Length * 2).TotalMilliseconds;

    private readonly ConcurrentDictionary<string, Counter> _local = new();
    private long _sweptWindow;

    public async ValueTask<RateLimitDecision> CountAsync(string partition, int limit)
    {
        var (window, elapsed) = SlidingWindow.At(time.GetUtcNow());
        var counts = await redis.TryAsync<RedisResult?>(async database => await database.ScriptEvaluateAsync(Script,
            [$"rate:{{{partition}}}:{window - 1}", $"rate:{{{partition}}}:{window}"],
            [limit, (1 - elapsed).ToString("R", System.Globalization.CultureInfo.InvariantCulture), KeepMilliseconds]), null);
        return counts is { Length: 2 }
            ? SlidingWindow.Decide(limit, (long)counts[0], (long)counts[1], elapsed)
            : CountLocally(partition, limit, window, elapsed);
    }

    private RateLimitDecision CountLocally(string partition, int limit, long window, double elapsed)
    {
        if (Interlocked.Exchange(ref _sweptWindow, window) != window) Sweep(window);
        return _local.GetOrAdd(partition, static _ => new Counter()).Count(limit, window, elapsed);
    }

    private void Sweep(long window)
    {
        foreach (var (partition, counter) in _local)
        {
            if (counter.Window < window - 1) _local.TryRemove(partition, out _);
        }
    }

    private sealed class Counter
    {
        private readonly Lock _lock = new();
        private long _previous, _current;

        public long Window { get; private set; }

        public RateLimitDecision Count(int limit, long window, double elapsed)
        {
            lock (_lock)
            {
                if (window != Window) (_previous, _current, Window) = (window == Window + 1 ? _current : 0, 0, window);
                var decision = SlidingWindow.Decide(limit, _previous, _current, elapsed);
                if (decision.IsAllowed) _current++;
                return decision;
            }
        }
    }
}
