using System.Collections.Concurrent;
using System.Globalization;
using StackExchange.Redis;
using TaskFlow.Api.Caching;

namespace TaskFlow.Api.Http;

/// <summary>
/// Counts requests in Redis, so that the limit holds over all instances; while Redis is away each instance counts by itself. Of large limits an instance
/// takes a hundredth at a time and asks again when that is used up, so that not every request waits for Redis. Thread-safe.
/// </summary>
internal sealed class RateLimiter(RedisLink redis, TimeProvider time)
{
    private const int PortionsPerLimit = 100;

    /// <summary>Reads both counters and takes as much of what is left as was asked for, in one step. Answers what was there before, and what was taken.</summary>
    private const string Script = """
        local previous = tonumber(redis.call('GET', KEYS[1]) or '0')
        local current = tonumber(redis.call('GET', KEYS[2]) or '0')
        local taken = math.min(tonumber(ARGV[4]), math.floor(tonumber(ARGV[1]) - previous * tonumber(ARGV[2]) - current))
        if taken < 1 then return { previous, current, 0 } end
        redis.call('INCRBY', KEYS[2], taken)
        redis.call('PEXPIRE', KEYS[2], ARGV[3])
        return { previous, current, taken }
        """;

    private static readonly RedisValue KeepMilliseconds = (long)(SlidingWindow.Length * 2).TotalMilliseconds;

    private readonly ConcurrentDictionary<string, RateLimitedCaller> _callers = new();
    private long _sweptWindow;

    public async ValueTask<RateLimitDecision> CountAsync(string partition, int limit)
    {
        var (window, elapsed) = SlidingWindow.At(time.GetUtcNow());
        if (Interlocked.Exchange(ref _sweptWindow, window) != window) Sweep(window);
        var caller = _callers.GetOrAdd(partition, static _ => new RateLimitedCaller());
        while (true)
        {
            if (caller.TryUsePortion(limit, window, elapsed) is { } decision) return decision;
            var portion = await caller.ShareAsync(() => TakeAsync(partition, limit, window, elapsed));
            if (portion is null) return caller.CountAlone(limit, window, elapsed);
            if (portion.Taken == 0) return SlidingWindow.Decide(limit, portion.Previous, portion.Current, elapsed);
        }
    }

    /// <summary>The next portion; null while Redis is away.</summary>
    private async Task<RateLimitPortion?> TakeAsync(string partition, int limit, long window, double elapsed)
    {
        var counts = await redis.TryAsync<RedisResult?>(async database => await database.ScriptEvaluateAsync(Script,
            [$"rate:{{{partition}}}:{window - 1}", $"rate:{{{partition}}}:{window}"],
            [limit, (1 - elapsed).ToString("R", CultureInfo.InvariantCulture), KeepMilliseconds, Math.Max(1, limit / PortionsPerLimit)]), null);
        return counts is { Length: 3 } ? new RateLimitPortion(window, (long)counts[0], (long)counts[1], (long)counts[2]) : null;
    }

    private void Sweep(long window)
    {
        foreach (var (partition, caller) in _callers)
        {
            if (caller.LastWindow < window - 1) _callers.TryRemove(partition, out _);
        }
    }
}
