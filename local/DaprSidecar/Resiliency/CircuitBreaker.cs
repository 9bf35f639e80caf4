namespace TaskFlow.Local.DaprSidecar.Resiliency;

/// <summary>Refuses calls for a while after too many have failed, then lets a few through to see.</summary>
internal sealed class CircuitBreaker(string name, int maxRequests, TimeSpan interval, TimeSpan timeout, TripCondition trip, TimeProvider time)
{
    private readonly Lock _lock = new();
    private State _state = State.Closed;
    private Counts _counts;
    private long _since = time.GetTimestamp();

    private enum State
    {
        Closed,
        Open,
        HalfOpen,
    }

    public string Name => name;

    /// <summary>Asks for leave to call. Each granted call must be answered by <see cref="Report"/>.</summary>
    public bool TryEnter()
    {
        lock (_lock)
        {
            MoveOn();
            if (_state == State.Open || (_state == State.HalfOpen && _counts.Requests >= maxRequests)) return false;
            _counts.Requests++;
            return true;
        }
    }

    public void Report(bool success)
    {
        lock (_lock)
        {
            MoveOn();
            if (success)
            {
                _counts.Successes++;
                _counts.ConsecutiveSuccesses++;
                _counts.ConsecutiveFailures = 0;
                if (_state == State.HalfOpen && _counts.ConsecutiveSuccesses >= maxRequests) Enter(State.Closed);
            }
            else
            {
                _counts.Failures++;
                _counts.ConsecutiveFailures++;
                _counts.ConsecutiveSuccesses = 0;
                if (_state == State.HalfOpen || (_state == State.Closed && trip.IsMetBy(_counts))) Enter(State.Open);
            }
        }
    }

    private void MoveOn()
    {
        var elapsed = time.GetElapsedTime(_since);
        if (_state == State.Open && elapsed >= timeout) Enter(State.HalfOpen);
        else if (_state == State.Closed && interval > TimeSpan.Zero && elapsed >= interval) Enter(State.Closed);
    }

    private void Enter(State state)
    {
        _state = state;
        _counts = default;
        _since = time.GetTimestamp();
    }
}

/// <summary>What a circuit breaker counts in one state.</summary>
internal record struct Counts(int Requests, int Successes, int Failures, int ConsecutiveSuccesses, int ConsecutiveFailures);
