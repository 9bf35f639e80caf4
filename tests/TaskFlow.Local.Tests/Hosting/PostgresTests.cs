using System.Diagnostics;
using Aspire.Hosting;
using Aspire.Hosting.Engine;

namespace TaskFlow.Local.Tests.Hosting;

/// <summary>The database's folder: what is found in it at the next start.</summary>
public sealed class PostgresTests : IDisposable
{
    private readonly string _dataFolder = Path.Combine(Path.GetTempPath(), $"taskflow-{Guid.NewGuid():N}");

    public void Dispose()
    {
        if (Directory.Exists(_dataFolder)) Directory.Delete(_dataFolder, recursive: true);
    }

    [Fact]
    public async Task A_lock_file_whose_process_id_is_somebody_elses_by_now_does_not_stop_it()
    {
        await using (await PostgresApplication.StartAsync(_dataFolder))
        {
        }
        var data = Assert.Single(Directory.GetDirectories(Path.Combine(_dataFolder, "postgres")));
        var lockFile = Path.Combine(data, "postmaster.pid");
        Assert.False(File.Exists(lockFile));
        using var somebody = Process.Start("sleep", "1000");
        try
        {
            await File.WriteAllTextAsync(lockFile, $"{somebody.Id}\n{data}\n1700000000\n5432\n\n127.0.0.1\n", TestContext.Current.CancellationToken);
            await using var next = await PostgresApplication.StartAsync(_dataFolder);
            Assert.DoesNotContain("creating the database", next.Log, StringComparison.Ordinal);
            Assert.NotEqual($"{somebody.Id}", File.ReadLines(lockFile).First());
            Assert.Equal(0, Signals.Send(somebody.Id, 0));
        }
        finally
        {
            somebody.Kill();
            await somebody.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Data_of_another_major_version_is_named_with_the_way_back_to_it()
    {
        var old = Directory.CreateDirectory(Path.Combine(_dataFolder, "postgres", "9")).FullName;
        await File.WriteAllTextAsync(Path.Combine(old, "PG_VERSION"), "9\n", TestContext.Current.CancellationToken);
        Directory.CreateDirectory(Path.Combine(_dataFolder, "postgres", "10.new"));
        await using var started = await PostgresApplication.StartAsync(_dataFolder);
        var note = Assert.Single(started.Log.Split('\n'), line => line.Contains(old, StringComparison.Ordinal));
        Assert.Contains("PostgreSQL 9", note, StringComparison.Ordinal);
        Assert.Contains("PATH", note, StringComparison.Ordinal);
        Assert.DoesNotContain("10.new", started.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_other_than_the_databases_ends_the_start_and_says_which_one_fits()
    {
        await using (await PostgresApplication.StartAsync(_dataFolder, "--Parameters:postgres-password=first"))
        {
        }
        var given = await Assert.ThrowsAsync<DistributedApplicationException>(() => PostgresApplication.StartAsync(_dataFolder, "--Parameters:postgres-password=second"));
        Assert.Contains("--Local:DataFolder=", given.Message, StringComparison.Ordinal);
        Assert.Contains("Parameters:postgres-password", given.Message, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(_dataFolder, "secrets.json"), given.Message, StringComparison.Ordinal);
        var kept = await Assert.ThrowsAsync<DistributedApplicationException>(() => PostgresApplication.StartAsync(_dataFolder));
        Assert.Contains("--Parameters:postgres-password=", kept.Message, StringComparison.Ordinal);
        await using var right = await PostgresApplication.StartAsync(_dataFolder, "--Parameters:postgres-password=first");
    }
}
