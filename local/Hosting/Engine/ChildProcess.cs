using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Engine;

/// <summary>What to run, and how to ask it to stop: with which signal, itself or all of its descendants.</summary>
internal sealed record ChildCommand(string FileName, IReadOnlyList<string> Arguments, string WorkingDirectory, IReadOnlyDictionary<string, string> Environment)
{
    public int StopSignal { get; init; } = Signals.Terminate;
    public bool StopsWholeGroup { get; init; }
    public string? UserName { get; init; }
}

internal static partial class Signals
{
    public const int Interrupt = 2, Kill = 9, Terminate = 15;

    /// <summary>A negative id means the process group of that number.</summary>
    [LibraryImport("libc", EntryPoint = "kill")]
    public static partial int Send(int processId, int signal);

    [LibraryImport("libc", EntryPoint = "getppid")]
    public static partial int ParentProcessId();

    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUserId();
}

/// <summary>
/// A child process that cannot outlive the AppHost. It leads a session of its own, so that a Ctrl+C in the terminal reaches the AppHost alone. Before it
/// becomes the server, its shell leaves a watcher behind that holds the other end of a pipe: when the pipe closes, because we closed it or because the
/// AppHost was killed with -9, the watcher stops the whole session. The process id is the server's own: the shell replaces itself.
/// </summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private const string Guard = """
        signal=$1 scope=$2; shift 2
        exec 3<&0
        (
          trap '' INT TERM HUP
          exec >/dev/null 2>&1
          read -r _ <&3
          if [ "$scope" = group ]; then kill -s "$signal" -- "-$$"; else kill -s "$signal" "$$"; fi
          i=0
          while kill -0 "$$" && [ $i -lt 40 ]; do sleep 0.2; i=$((i + 1)); done
          kill -s KILL -- "-$$"
        ) &
        exec "$@" </dev/null 3<&-
        """;

    /// <summary>What a page can show and a terminal stand; the dashboard keeps thousands of them.</summary>
    private const int LongestLine = 16 * 1024;

    private readonly Process _process;
    private readonly ChildCommand _command;
    private readonly TaskCompletionSource<int> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _output = Task.CompletedTask;

    private ChildProcess(Process process, ChildCommand command)
    {
        _process = process;
        _command = command;
    }

    public int Id { get; private set; }

    public DateTimeOffset StartedAt { get; private set; }

    /// <summary>True as soon as the process is gone, which <see cref="Exited"/> learns a moment later.</summary>
    public bool HasExited
    {
        get
        {
            try
            {
                return _exited.Task.IsCompleted || _process.HasExited;
            }
            catch (InvalidOperationException)
            {
                // Disposed between the two questions, which happens to what has exited only.
                return true;
            }
        }
    }

    /// <summary>Completes with the exit code as soon as the process has ended (128 + signal where it was killed).</summary>
    public Task<int> Exited => _exited.Task;

    public static ChildProcess Start(ChildCommand command, Action<string, string> onLine)
    {
        var info = new ProcessStartInfo
        {
            WorkingDirectory = command.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (command.UserName is { } user) info.UserName = user;
        foreach (var (name, value) in command.Environment) info.Environment[name] = value;
        foreach (var name in Inherited.Where(name => !command.Environment.ContainsKey(name))) info.Environment.Remove(name);
        foreach (var argument in CommandLine(command)) info.ArgumentList.Add(argument);
        info.FileName = info.ArgumentList[0];
        info.ArgumentList.RemoveAt(0);

        var child = new ChildProcess(new Process { StartInfo = info, EnableRaisingEvents = true }, command);
        child._process.Exited += (_, _) => child._exited.TrySetResult(child._process.ExitCode);
        try
        {
            child._process.Start();
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new DistributedApplicationException($"{command.FileName} cannot be started: {e.Message}.", e);
        }
        child.Id = child._process.Id;
        child.StartedAt = DateTimeOffset.UtcNow;
        child._output = Task.WhenAll(PumpAsync(child._process.StandardOutput, "stdout", onLine), PumpAsync(child._process.StandardError, "stderr", onLine));
        return child;
    }

    /// <summary>Asks the process to end, and ends it when it has not within <paramref name="grace"/>.</summary>
    public async Task<int> StopAsync(TimeSpan grace)
    {
        if (!_exited.Task.IsCompleted) Send(_command.StopSignal, _command.StopsWholeGroup);
        try
        {
            return await _exited.Task.WaitAsync(grace).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Kill();
            return await _exited.Task.ConfigureAwait(false);
        }
    }

    public void Kill() => Send(Signals.Kill, wholeGroup: true);

    /// <summary>Closes the watcher's pipe, so that what is left of the session ends, and reads the last of the output. Only for a process that has exited.</summary>
    public async ValueTask DisposeAsync()
    {
        await _process.StandardInput.DisposeAsync().ConfigureAwait(false);
        await Task.WhenAny(_output, Task.Delay(TimeSpan.FromSeconds(1))).ConfigureAwait(false);
        _process.Dispose();
    }

    private void Send(int signal, bool wholeGroup)
    {
        if (OperatingSystem.IsWindows())
        {
            _process.Kill(entireProcessTree: true);
            return;
        }
        _ = Signals.Send(wholeGroup ? -Id : Id, signal);
    }

    private static IEnumerable<string> CommandLine(ChildCommand command)
    {
        string[] plain = [command.FileName, .. command.Arguments];
        if (OperatingSystem.IsWindows()) return plain;
        string[] guarded = ["/bin/sh", "-c", Guard, "guard", command.StopSignal == Signals.Interrupt ? "INT" : "TERM", command.StopsWholeGroup ? "group" : "process", .. plain];
        // macOS has no setsid command, but a perl that knows the call.
        return Tools.Find("setsid") is { } setsid ? [setsid, .. guarded] : ["perl", "-MPOSIX", "-e", "POSIX::setsid(); exec @ARGV", .. guarded];
    }

    /// <summary>Lines as they come. One without end is passed on in pieces: it must not grow here until memory is full.</summary>
    private static async Task PumpAsync(StreamReader reader, string stream, Action<string, string> onLine)
    {
        var buffer = new char[4 * 1024];
        var line = new StringBuilder();
        var endsWithReturn = false;
        while (await ReadAsync(reader, buffer).ConfigureAwait(false) is > 0 and var read)
        {
            for (var rest = buffer.AsMemory(0, read); !rest.IsEmpty;)
            {
                // The second half of a line's end that came apart.
                if (endsWithReturn && rest.Span[0] == '\n') rest = rest[1..];
                endsWithReturn = false;
                if (rest.IsEmpty) break;
                var end = rest.Span.IndexOfAny('\r', '\n');
                line.Append(end < 0 ? rest : rest[..end]);
                if (end < 0 && line.Length < LongestLine) break;
                onLine(stream, line.ToString());
                line.Clear();
                if (end < 0) break;
                endsWithReturn = rest.Span[end] == '\r';
                rest = rest[(end + 1)..];
            }
        }
        if (line.Length > 0) onLine(stream, line.ToString());
    }

    private static async Task<int> ReadAsync(StreamReader reader, char[] buffer)
    {
        try
        {
            return await reader.ReadAsync(buffer.AsMemory()).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The pipe went away with the process.
            return 0;
        }
    }

    /// <summary>The AppHost's own settings, which mean something else to a child.</summary>
    private static readonly string[] Inherited =
        ["ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS", "HTTP_PORTS", "DOTNET_LAUNCH_PROFILE", "ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT", "PORT", "DOTNET_STARTUP_HOOKS"];
}
