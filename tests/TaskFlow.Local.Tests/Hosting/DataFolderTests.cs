using Aspire.Hosting.Engine;
using Microsoft.Extensions.Configuration;

namespace TaskFlow.Local.Tests.Hosting;

public sealed class DataFolderTests
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"taskflow-{Guid.NewGuid():N}");

    [Fact]
    public void A_folder_that_was_removed_meanwhile_is_let_go()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Local:DataFolder", _path)]).Build();
        var folder = new DataFolder(configuration, new BuildInfo(typeof(Projects.TaskFlow_AppHost).Assembly));
        folder.Hold();
        Directory.Delete(_path, recursive: true);
        folder.Dispose();
    }

    [Fact]
    public async Task A_lock_file_that_cannot_be_made_is_an_error_and_nothing_to_wait_for()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await Assert.ThrowsAsync<DirectoryNotFoundException>(() => DataFolder.HoldFileAsync(Path.Combine(_path, "some.lock"), deadline.Token));
    }

    [Fact]
    public async Task A_held_lock_file_is_waited_for()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        Task<FileStream> second;
        await using (await DataFolder.HoldFileAsync(_path, deadline.Token))
        {
            second = DataFolder.HoldFileAsync(_path, deadline.Token);
            Assert.False(second.IsCompleted);
        }
        await (await second).DisposeAsync();
        File.Delete(_path);
    }
}
