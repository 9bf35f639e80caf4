namespace TaskFlow.Local.Dashboard.Components;

/// <summary>One beat for all open pages. It stands still while nobody looks.</summary>
internal sealed class Beat : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private readonly Lock _lock = new();
    private readonly Timer _timer;
    private Action? _beat;

    public Beat() => _timer = new Timer(_ => _beat?.Invoke());

    public void Add(Action action)
    {
        lock (_lock)
        {
            if (_beat is null) _timer.Change(Interval, Interval);
            _beat += action;
        }
    }

    public void Remove(Action action)
    {
        lock (_lock)
        {
            _beat -= action;
            if (_beat is null) _timer.Change(Timeout.Infinite, Timeout.Infinite);
        }
    }

    public void Dispose() => _timer.Dispose();
}

/// <summary>What holds in one browser tab, whatever page is open.</summary>
internal sealed class LiveState
{
    public bool IsPaused { get; private set; }

    public event Action? Changed;

    public void Toggle()
    {
        IsPaused = !IsPaused;
        Changed?.Invoke();
    }
}
