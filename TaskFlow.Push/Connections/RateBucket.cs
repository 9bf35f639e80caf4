namespace TaskFlow.Push.Connections;

internal enum Allowance { Granted, Refused, Exhausted }

/// <summary>30 frames, refilled at 30 a second; over it in three seconds running means the end. Small enough to lie inside its connection.</summary>
internal struct RateBucket
{
    public const int Size = 30;
    private const int SecondsOver = 3;
    private float _tokens;
    private int _at;
    private int _overAt;
    private byte _run;
    private bool _used;

    /// <param name="milliseconds">A monotonic clock; may wrap.</param>
    public Allowance Take(int milliseconds)
    {
        Refill(milliseconds);
        if (_tokens >= 1)
        {
            _tokens--;
            return Allowance.Granted;
        }
        var second = milliseconds / 1000;
        if (second != _overAt)
        {
            _run = second == _overAt + 1 ? (byte)(_run + 1) : (byte)1;
            _overAt = second;
        }
        return _run >= SecondsOver ? Allowance.Exhausted : Allowance.Refused;
    }

    /// <summary>All or nothing, for what answers 429 instead of closing.</summary>
    public bool TryTake(int milliseconds, int count)
    {
        Refill(milliseconds);
        if (_tokens < count) return false;
        _tokens -= count;
        return true;
    }

    private void Refill(int milliseconds)
    {
        if (!_used) (_used, _tokens, _at, _overAt) = (true, Size, milliseconds, int.MinValue);
        _tokens = Math.Min(Size, _tokens + (unchecked(milliseconds - _at) * (Size / 1000f)));
        _at = milliseconds;
    }
}
