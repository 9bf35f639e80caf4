using System.Collections.Concurrent;
using System.Globalization;
using Aspire.Hosting.Engine;

namespace TaskFlow.Local.Tests.Hosting;

/// <summary>What a child process leaves behind: nothing but its log.</summary>
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

    [Fact]
    public async Task A_line_without_end_comes_in_pieces_and_nothing_of_it_is_lost()
    {
        const int length = 3_000_000;
        var lines = new ConcurrentQueue<string>();
        var command = new ChildCommand("/bin/sh", ["-c", $"printf 'one\\r\\n\\n'; head -c {length} /dev/zero | tr '\\0' x; printf '\\nlast'"], Path.GetTempPath(), new Dictionary<string, string>());
        await using (var child = ChildProcess.Start(command, (_, line) => lines.Enqueue(line)))
        {
            Assert.Equal(0, await child.Exited.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        }
        Assert.Equal(["one", ""], lines.Take(2));
        Assert.Equal("last", lines.Last());
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 32 * 1024));
        Assert.Equal(length, lines.Skip(2).SkipLast(1).Sum(line => line.Length));
    }

    [Fact]
    public async Task A_log_file_that_cannot_be_written_costs_its_own_lines_and_never_the_reading()
    {
        Terminal.IsQuiet = true;
        // A file stands where the folder of the logs should be, until the child has written more than a pipe holds.
        var folder = Path.Combine(Path.GetTempPath(), $"taskflow-logs-{Guid.NewGuid():N}");
        var (file, goOn) = (Path.Combine(folder, "child.log"), folder + ".go-on");
        await File.WriteAllTextAsync(folder, "", TestContext.Current.CancellationToken);
        var log = new ResourceLog("child", file);
        try
        {
            var script = $"i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); echo line $i; done; while [ ! -e '{goOn}' ]; do sleep 0.05; done; echo afterwards";
            var command = new ChildCommand("/bin/sh", ["-c", script], Path.GetTempPath(), new Dictionary<string, string>());
            await using (var child = ChildProcess.Start(command, log.Write))
            {
                var deadline = DateTime.UtcNow.AddSeconds(60);
                while (log.LastWords != "line 20000" && DateTime.UtcNow < deadline) await Task.Delay(20, TestContext.Current.CancellationToken);
                File.Delete(folder);
                await File.WriteAllTextAsync(goOn, "", TestContext.Current.CancellationToken);
                Assert.Equal(0, await child.Exited.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
            }
            Assert.Equal("afterwards", log.LastWords);
            log.Close();
            Assert.Equal("afterwards\n", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        }
        finally
        {
            log.Close();
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
            foreach (var left in new[] { folder, goOn }) File.Delete(left);
        }
    }

    [Fact]
    public void A_log_that_cannot_be_written_says_so_once()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/dev/full is Linux's.");
        Terminal.IsQuiet = true;
        var log = new ResourceLog("child", "/dev/full");
        for (var i = 0; i < 3; i++) log.Write("stdout", $"line {i}");
        Assert.Equal(["line 0", "line 1", "line 2"], log.After(0).Where(line => line.Stream == "stdout").Select(line => line.Text));
        Assert.Contains("/dev/full", Assert.Single(log.After(0), line => line.Stream == "apphost").Text, StringComparison.Ordinal);
        log.Close();
    }

    private static ChildProcess Start(string script, BlockingCollection<string> lines) =>
        ChildProcess.Start(new ChildCommand("/bin/sh", ["-c", script], Path.GetTempPath(), new Dictionary<string, string>()), (_, line) => lines.Add(line));

    private static int Next(BlockingCollection<string> lines) =>
        lines.TryTake(out var line, TimeSpan.FromSeconds(30)) ? int.Parse(line, CultureInfo.InvariantCulture) : throw new TimeoutException("The child said nothing.");
}
