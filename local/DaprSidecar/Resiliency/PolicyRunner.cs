namespace TaskFlow.Local.DaprSidecar.Resiliency;

/// <summary>How one try has ended.</summary>
/// <param name="Succeeded">Whether it is settled; then nothing else matters.</param>
/// <param name="Error">What went wrong, for logs and error answers.</param>
/// <param name="StatusCode">What was answered over HTTP, if anything.</param>
/// <param name="IsFinal">Another try makes no sense, whatever the policy says.</param>
internal readonly record struct Attempt(bool Succeeded, string Error = "", int? StatusCode = null, bool IsFinal = false)
{
    public static Attempt Success { get; } = new(true);
}

/// <summary>Runs a call under a policy: a time limit and the circuit breaker for each try, retries around them, as daprd nests them.</summary>
internal static class PolicyRunner
{
    public static async Task<Attempt> RunAsync(Policy policy, Func<int, CancellationToken, Task<Attempt>> call, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        for (var number = 1; ; number++)
        {
            var attempt = await TryAsync(policy, number, call, cancellationToken);
            if (attempt.Succeeded || attempt.IsFinal || policy.Retry is null) return attempt;
            if (policy.Retry.PauseAfter(number, TimeProvider.System.GetElapsedTime(started), attempt.StatusCode) is not { } pause) return attempt;
            await Task.Delay(pause, cancellationToken);
        }
    }

    private static async Task<Attempt> TryAsync(Policy policy, int number, Func<int, CancellationToken, Task<Attempt>> call, CancellationToken cancellationToken)
    {
        var breaker = policy.CircuitBreaker;
        if (breaker is null) return await TryInTimeAsync(policy.Timeout, number, call, cancellationToken);
        if (!breaker.TryEnter()) return new Attempt(false, $"circuit breaker {breaker.Name} is open", IsFinal: true);
        var attempt = new Attempt(false);
        try
        {
            return attempt = await TryInTimeAsync(policy.Timeout, number, call, cancellationToken);
        }
        finally
        {
            breaker.Report(attempt.Succeeded);
        }
    }

    private static async Task<Attempt> TryInTimeAsync(TimeSpan? timeout, int number, Func<int, CancellationToken, Task<Attempt>> call, CancellationToken cancellationToken)
    {
        if (timeout is not { } limit) return await call(number, cancellationToken);
        using var inTime = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        inTime.CancelAfter(limit);
        try
        {
            // The call may not heed its token: the answer is not waited for beyond the limit.
            return await call(number, inTime.Token).WaitAsync(inTime.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new Attempt(false, $"no answer within {limit.TotalMilliseconds:0} ms");
        }
    }
}
