using System.Runtime.InteropServices;

namespace Aspire.Hosting.Engine;

/// <summary>Why the AppHost should stop: Ctrl+C, a signal, or a killed <c>dotnet run</c>, which cannot pass a signal on.</summary>
internal sealed class Shutdown : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly List<IDisposable> _registrations = [];

    public Shutdown(CancellationToken cancellationToken)
    {
        _source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        foreach (var (signal, name) in new[] { (PosixSignal.SIGINT, "Ctrl+C"), (PosixSignal.SIGTERM, "SIGTERM"), (PosixSignal.SIGHUP, "the terminal was closed") })
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                Stop(name);
            }));
        }
        if (!OperatingSystem.IsWindows() && ParentIsDotnetRun()) _ = WatchParentAsync(Signals.ParentProcessId());
    }

    public CancellationToken Token => _source.Token;

    public string? Reason { get; private set; }

    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
        _source.Cancel();
        _source.Dispose();
    }

    private void Stop(string reason)
    {
        // Asked twice: the children's watchers end them, and nobody waits for that.
        if (Reason is not null && reason == "Ctrl+C") Environment.Exit(130);
        Reason ??= reason;
        _source.Cancel();
    }

    private async Task WatchParentAsync(int parent)
    {
        try
        {
            while (Signals.ParentProcessId() == parent) await Task.Delay(TimeSpan.FromMilliseconds(500), Token).ConfigureAwait(false);
            Stop("dotnet run is gone");
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>Somebody may as well start the AppHost in the background and leave: then a lost parent means nothing.</summary>
    private static bool ParentIsDotnetRun()
    {
        try
        {
            var commandLine = OperatingSystem.IsLinux()
                ? File.ReadAllText($"/proc/{Signals.ParentProcessId()}/cmdline").Replace('\0', ' ')
                : Output.Of("ps", "-o", "command=", "-p", $"{Signals.ParentProcessId()}") ?? "";
            var words = commandLine.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return words.Length > 1 && Path.GetFileNameWithoutExtension(words[0]) == "dotnet" && words.Contains("run");
        }
        catch (IOException)
        {
            return false;
        }
    }
}
