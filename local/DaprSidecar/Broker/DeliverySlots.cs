namespace TaskFlow.Local.DaprSidecar.Broker;

/// <summary>How many deliveries of a component may run at a time, over all of its topics.</summary>
internal sealed class DeliverySlots(int count) : IDisposable
{
    private readonly SemaphoreSlim _free = new(count);

    public int Free => _free.CurrentCount;

    public Task TakeAsync(CancellationToken cancellationToken) => _free.WaitAsync(cancellationToken);

    public void Release() => _free.Release();

    /// <summary>Waits until one is free without taking it: a topic without messages must not hold what another one needs.</summary>
    public async Task WaitForOneAsync(CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        _free.Release();
    }

    public void Dispose() => _free.Dispose();
}

/// <summary>Open while the app takes deliveries.</summary>
internal sealed class DeliveryGate
{
    private volatile TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsOpen => _opened.Task.IsCompleted;

    public Task WaitAsync(CancellationToken cancellationToken) => IsOpen ? Task.CompletedTask : _opened.Task.WaitAsync(cancellationToken);

    public void Open() => _opened.TrySetResult();

    /// <summary>Closed once, however many deliveries find the app gone at the same time: who waits already must not wait for a gate that is no longer there.</summary>
    public void Close()
    {
        var opened = _opened;
        if (opened.Task.IsCompleted) Interlocked.CompareExchange(ref _opened, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), opened);
    }
}
