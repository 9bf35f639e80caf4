namespace TaskFlow.Local.Tests.DaprSidecar.Support;

/// <summary>The waits of these tests, each with the common deadline.</summary>
internal static class Wait
{
    /// <summary>Also ends when the test is cancelled.</summary>
    public static CancellationToken Deadline()
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        source.CancelAfter(TaskFlow.Testing.Deadline.Default);
        return source.Token;
    }

    public static Task UntilAsync(Func<Task<bool>> condition, string what) =>
        TaskFlow.Testing.Deadline.UntilAsync(what, condition, cancellationToken: TestContext.Current.CancellationToken);

    public static Task UntilAsync(Func<bool> condition, string what) => UntilAsync(() => Task.FromResult(condition()), what);
}
