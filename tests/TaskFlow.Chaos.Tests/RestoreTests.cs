using System.Diagnostics;
using Npgsql;
using TaskFlow.Testing;

namespace TaskFlow.Chaos.Tests;

/// <summary>A backup put back, as docs/operations.md describes it: the log goes back in time, and clients must be told.</summary>
public sealed class RestoreTests
{
    [Fact]
    public async Task After_a_restore_to_an_older_state_clients_are_reset_and_go_on()
    {
        await using var system = await TaskFlowSystem.StartAsync();
        var database = new NpgsqlConnectionStringBuilder(await system.ConnectionStringAsync("taskflow"));
        Assert.SkipWhen(await ToolMissingAsync(database), "pg_dump and pg_restore of the server's version are not installed.");
        using var owner = await system.RegisterAsync();
        var workspace = await owner.CreateWorkspaceAsync();
        var project = await owner.CreateProjectAsync(workspace);
        var task = (await owner.CreateTaskAsync(workspace, project, "Before the backup")).Id();
        var readers = Enum.GetValues<Transport>().Select(transport => FollowingClient.Start(owner, workspace, () => system.PushUrl, transport, after: 0)).ToList();
        var file = Path.GetTempFileName();
        try
        {
            await RunAsync("pg_dump", database, "--format=custom", $"--file={file}", database.Database!);
            var backup = await owner.HeadAsync(workspace);
            for (var i = 0; i < 10; i++) await owner.PatchTaskAsync(workspace, task, new { title = $"After the backup {i}" });
            await ReachAsync("every reader reached the head", readers, reader => reader.Last == backup + 10);

            await system.Resources.StopAsync("api");
            await RunAsync("pg_restore", database, "--clean", "--if-exists", "--create", "--exit-on-error", "--dbname=postgres", file);
            await system.Resources.StartAsync("api");
            await system.Resources.HealthyAsync("api");

            await ReachAsync("every reader was told to load the snapshot", readers, reader => reader is { Resets: > 0 } && reader.Last == backup);
            // The history takes another turn; what the old one said at these numbers is gone.
            var again = await owner.PatchTaskAsync(workspace, task, new { title = "After the restore" });
            await ReachAsync("every reader received what was written then", readers, reader => reader.Last == backup + 1);
            Assert.All(readers, reader => Assert.Equal(backup + 1, reader.Events[^1].Seq));
            Assert.Equal("After the restore", again.Text("title"));
        }
        finally
        {
            File.Delete(file);
            foreach (var reader in readers) await reader.DisposeAsync();
        }
    }

    private static Task ReachAsync(string what, List<FollowingClient> readers, Func<FollowingClient, bool> condition) =>
        Deadline.UntilAsync(what, () => Task.FromResult(readers.All(condition)), TimeSpan.FromSeconds(90));

    private static async Task<bool> ToolMissingAsync(NpgsqlConnectionStringBuilder database)
    {
        try
        {
            var version = await RunAsync("pg_restore", database, "--version");
            await using var source = NpgsqlDataSource.Create(database);
            await using var connection = await source.OpenConnectionAsync();
            return !version.Contains($" {connection.PostgreSqlVersion.Major}.", StringComparison.Ordinal);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return true;
        }
    }

    private static async Task<string> RunAsync(string tool, NpgsqlConnectionStringBuilder database, params string[] arguments)
    {
        var start = new ProcessStartInfo(tool, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PGHOST"] = database.Host;
        start.Environment["PGPORT"] = $"{database.Port}";
        start.Environment["PGUSER"] = database.Username;
        start.Environment["PGPASSWORD"] = database.Password;
        using var process = Process.Start(start)!;
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(deadline.Token), process.StandardError.ReadToEndAsync(deadline.Token));
        await process.WaitForExitAsync(deadline.Token);
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{tool} exited with {process.ExitCode}: {await errors}");
    }
}
