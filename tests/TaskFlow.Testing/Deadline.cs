namespace TaskFlow.Testing;

/// <summary>Every wait in a test has one of these: long enough for a loaded machine, short enough to fail a run.</summary>
public static class Deadline
{
    /// <summary>For anything that normally takes milliseconds.</summary>
    public static readonly TimeSpan Default = TimeSpan.FromSeconds(45);

    /// <summary>For starting the whole system, a first download of Postgres included.</summary>
    public static readonly TimeSpan SystemStart = TimeSpan.FromMinutes(5);

    /// <summary>Asks again and again until the condition holds; fails with <paramref name="what"/> when it never does.</summary>
    public static async Task UntilAsync(string what, Func<Task<bool>> condition, TimeSpan? deadline = null, CancellationToken cancellationToken = default)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(deadline ?? Default);
        Exception? last = null;
        while (!timeout.IsCancellationRequested)
        {
            try
            {
                if (await condition()) return;
                last = null;
            }
            catch (Exception error) when (error is HttpRequestException or IOException or TaskCanceledException)
            {
                last = error;
            }
            try { await Task.Delay(50, timeout.Token); }
            catch (OperationCanceledException) { break; }
        }
        cancellationToken.ThrowIfCancellationRequested();
        throw new TimeoutException($"Not within {(deadline ?? Default).TotalSeconds:0} s: {what}.", last);
    }
}
