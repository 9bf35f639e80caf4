using System.Collections.Concurrent;
using System.Globalization;
using Aspire.Hosting.Engine;

namespace TaskFlow.Local.Tests.Hosting;

/// <summary>What a child process leaves behind: nothing.</summary>
public sealed class ChildProcessTests
{
    [Fact]
    public async Task The_process_id_is_the_servers_own_and_the_exit_code_its_own_too()
    {
        var lines = new BlockingCollection<string>();
        await using var child = Start("echo $$; exit 7", lines);
        Assert.Equal(7, await child.Exited.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        Assert.Equal(child.Id, Next(lines));
    }

    [Fact]
    public async Task A_process_that_ignores_the_request_to_stop_is_killed_after_the_grace()
    {
        var lines = new BlockingCollection<string>();
        await using var child = Start("trap '' TERM; echo 1; while :; do sleep 0.1; done", lines);
        Next(lines);
        Assert.Equal(137, await child.StopAsync(TimeSpan.FromMilliseconds(300)));
    }

    [Fact]
    public async Task Descendants_end_with_their_process_even_when_it_is_killed()
    {
        var lines = new BlockingCollection<string>();
        int grandchild;
        await using (var child = Start("sleep 1000 & echo $!; wait", lines))
        {
            grandchild = Next(lines);
            Assert.Equal(0, Signals.Send(grandchild, 0));
            Signals.Send(child.Id, Signals.Kill);
            Assert.Equal(137, await child.Exited.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        }
        var deadline = DateTime.UtcNow.AddSeconds(30);
        while (AppHostProcess.IsRunning(grandchild) && DateTime.UtcNow < deadline) await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.False(AppHostProcess.IsRunning(grandchild));
    }

    [Fact]
    public async Task A_missing_program_is_named()
    {
        var lines = new ConcurrentQueue<string>();
        var command = new ChildCommand("/no/such/program", [], Path.GetTempPath(), new Dictionary<string, string>());
        await using (var child = ChildProcess.Start(command, (_, line) => lines.Enqueue(line)))
        {
            Assert.Equal(127, await child.Exited.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        }
        Assert.Contains(lines, line => line.Contains("/no/such/program", StringComparison.Ordinal));
    }

    private static ChildProcess Start(string script, BlockingCollection<string> lines) =>
        ChildProcess.Start(new ChildCommand("/bin/sh", ["-c", script], Path.GetTempPath(), new Dictionary<string, string>()), (_, line) => lines.Add(line));

    private static int Next(BlockingCollection<string> lines) =>
        lines.TryTake(out var line, TimeSpan.FromSeconds(30)) ? int.Parse(line, CultureInfo.InvariantCulture) : throw new TimeoutException("The child said nothing.");
}
