namespace TaskFlow.Local.Dashboard.Resources;

/// <summary>
/// The resources as they were at most a second ago, and what they used over the last minutes. Asks the AppHost only while a page shows them.
/// </summary>
internal sealed class ResourceMonitor(ResourceClient client, TimeProvider time)
{
    private const int MaxSamples = 90;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly Dictionary<string, Usage> _usage = [];
    private readonly Lock _lock = new();
    private long _asked;
    private Task _reading = Task.CompletedTask;

    public bool IsConfigured => client.IsConfigured;

    public ResourceInfo[] Resources { get; private set; } = [];

    /// <summary>Why the list is not what it should be; null while all is well.</summary>
    public string? Error { get; private set; }

    public long Version { get; private set; }

    /// <summary>Called on each beat of an open page.</summary>
    public void Refresh()
    {
        if (!IsConfigured) return;
        lock (_lock)
        {
            if (!_reading.IsCompleted || (_asked != 0 && time.GetElapsedTime(_asked) < Interval)) return;
            _asked = time.GetTimestamp();
            _reading = ReadAsync();
        }
    }

    /// <summary>The list now, for the first rendering and after a command.</summary>
    public async Task RefreshNowAsync()
    {
        if (!IsConfigured) return;
        Task reading;
        lock (_lock)
        {
            if (_reading.IsCompleted)
            {
                _asked = time.GetTimestamp();
                _reading = ReadAsync();
            }
            reading = _reading;
        }
        await reading;
    }

    /// <summary>Cores in use and memory over time, oldest first.</summary>
    public (double[] Cpu, double[] Memory) History(ResourceInfo resource)
    {
        lock (_lock) return _usage.TryGetValue(resource.Id, out var usage) ? ([.. usage.Cpu], [.. usage.Memory]) : ([], []);
    }

    private async Task ReadAsync()
    {
        try
        {
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            var resources = await client.ListAsync(deadline.Token).ConfigureAwait(false);
            lock (_lock)
            {
                foreach (var resource in resources) Keep(resource);
                foreach (var gone in _usage.Keys.Except(resources.Select(resource => resource.Id)).ToArray()) _usage.Remove(gone);
            }
            Resources = resources;
            Error = null;
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException or System.Text.Json.JsonException)
        {
            Error = "The AppHost does not answer: it has stopped, or is just starting.";
        }
        Version++;
    }

    private void Keep(ResourceInfo resource)
    {
        if (!_usage.TryGetValue(resource.Id, out var usage)) _usage[resource.Id] = usage = new Usage([], []);
        usage.Cpu.Enqueue(resource.Cpu ?? 0);
        usage.Memory.Enqueue(resource.MemoryBytes ?? 0);
        if (usage.Cpu.Count <= MaxSamples) return;
        usage.Cpu.Dequeue();
        usage.Memory.Dequeue();
    }

    private sealed record Usage(Queue<double> Cpu, Queue<double> Memory);
}
