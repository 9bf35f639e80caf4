using System.Diagnostics;

namespace TaskFlow.Push.Connections;

/// <summary>
/// Lets receivers on the same machine run in the middle of a round. The first write wakes them, and the kernel likes to put them behind the thread that woke them, where they
/// wait for the end of the round although another processor may have nothing to do. Where nobody waits for the processor it costs a system call. Whoever keeps the processor for
/// longer than receivers do has other work; then nobody is let in for a while. Measured in docs/performance.md. Thread-safe.
/// </summary>
internal static class GivingWay
{
    /// <summary>Five hundred receivers need less; a thread with work of its own keeps the processor until the scheduler's next tick, four milliseconds in many kernels.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(3);
    private const long PauseMilliseconds = 1_000;
    private static long NotBefore;

    /// <summary>Lets one thread go ahead that waits for this processor.</summary>
    public static void Once()
    {
        if (Environment.TickCount64 < Volatile.Read(ref NotBefore)) return;
        var started = Stopwatch.GetTimestamp();
        if (Thread.Yield() && Stopwatch.GetElapsedTime(started) > Patience) Volatile.Write(ref NotBefore, Environment.TickCount64 + PauseMilliseconds);
    }
}
