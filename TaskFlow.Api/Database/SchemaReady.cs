namespace TaskFlow.Api.Database;

/// <summary>Opens once the schema is up to date. Background work waits for it; requests are answered with 503 until then.</summary>
internal sealed class SchemaReady
{
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsReady => _ready.Task.IsCompletedSuccessfully;

    public Task WaitAsync(CancellationToken ct) => _ready.Task.WaitAsync(ct);

    public void Open() => _ready.TrySetResult();
}
