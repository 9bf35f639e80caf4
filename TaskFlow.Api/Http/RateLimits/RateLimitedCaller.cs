namespace TaskFlow.Api.Http;

/// <summary>What an instance took of a limit for a caller.</summary>
/// <param name="Window">The window in which it counts; worth nothing in another one.</param>
/// <param name="Previous">Requests in the window before.</param>
/// <param name="Current">Requests in this window before these.</param>
/// <param name="Taken">How many it holds; 0 when there was nothing left.</param>
internal sealed record RateLimitPortion(long Window, long Previous, long Current, long Taken);

/// <summary>One caller as this instance sees them: the portion it may give out, and a count of its own for the time without Redis. Thread-safe.</summary>
internal sealed class RateLimitedCaller
{
    private readonly Lock _lock = new();
    private RateLimitPortion? _portion;
    private Task<RateLimitPortion?>? _taking;
    private long _used;
    private long _alonePrevious, _aloneCurrent, _aloneWindow;
    private long _lastWindow;

    /// <summary>The window of the last request.</summary>
    public long LastWindow => Volatile.Read(ref _lastWindow);

    /// <summary>Takes one request from the portion; null when there is none left for this window.</summary>
    public RateLimitDecision? TryUsePortion(int limit, long window, double elapsed)
    {
        lock (_lock)
        {
            _lastWindow = window;
            if (_portion is not { } portion || portion.Window != window || _used >= portion.Taken) return null;
            return SlidingWindow.Decide(limit, portion.Previous, portion.Current + _used++, elapsed);
        }
    }

    /// <summary>Gets the next portion. Requests that come meanwhile wait for the same one.</summary>
    public Task<RateLimitPortion?> ShareAsync(Func<Task<RateLimitPortion?>> take)
    {
        lock (_lock) return _taking ??= StartAsync();

        async Task<RateLimitPortion?> StartAsync()
        {
            await Task.Yield(); // not under the lock
            RateLimitPortion? portion = null;
            try
            {
                return portion = await take();
            }
            finally
            {
                lock (_lock)
                {
                    if (portion is { Taken: > 0 }) (_portion, _used) = (portion, 0);
                    _taking = null;
                }
            }
        }
    }

    /// <summary>Counts a request without asking anybody.</summary>
    public RateLimitDecision CountAlone(int limit, long window, double elapsed)
    {
        lock (_lock)
        {
            if (window != _aloneWindow) (_alonePrevious, _aloneCurrent, _aloneWindow) = (window == _aloneWindow + 1 ? _aloneCurrent : 0, 0, window);
            var decision = SlidingWindow.Decide(limit, _alonePrevious, _aloneCurrent, elapsed);
            if (decision.IsAllowed) _aloneCurrent++;
            return decision;
        }
    }
}
