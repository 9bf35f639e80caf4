using System.Runtime.Versioning;
using Aspire.Hosting;
using Aspire.Hosting.Testing;
using StackExchange.Redis;

namespace TaskFlow.Local.Tests.Hosting;

/// <summary>Redis alone, with a password that somebody has chosen.</summary>
public sealed class RedisTests : IDisposable
{
    private readonly string _dataFolder = Path.Combine(Path.GetTempPath(), $"taskflow-{Guid.NewGuid():N}");

    public void Dispose()
    {
        if (Directory.Exists(_dataFolder)) Directory.Delete(_dataFolder, recursive: true);
    }

    [Theory]
    [InlineData("two words")]
    [InlineData("-m 1 \"quoted\" 'and' #more= \\x")]
    [InlineData("--lua")]
    public async Task Any_password_is_good_for_garnet(string password)
    {
        await using var application = await StartAsync("garnet", password);
        await application.ResourceNotifications.WaitForResourceHealthyAsync("redis", Cancellation);
        var options = ConfigurationOptions.Parse(await application.GetConnectionStringAsync("redis", Cancellation) ?? "");
        Assert.Equal(password, options.Password);
        await using var connection = await ConnectionMultiplexer.ConnectAsync(options);
        await connection.GetDatabase().PingAsync();
        options.Password = "another";
        await Assert.ThrowsAsync<RedisConnectionException>(() => ConnectionMultiplexer.ConnectAsync(options));
    }

    [Theory]
    [UnsupportedOSPlatform("windows")]
    [InlineData("two words", """requirepass "two words" """)]
    [InlineData("a \"quoted\" 'one' #more \\x\t", """requirepass "a \"quoted\" 'one' #more \\x\x09" """)]
    public async Task Any_password_stands_in_the_settings_of_an_installed_server_as_it_reads_them(string password, string line)
    {
        Directory.CreateDirectory(_dataFolder);
        var server = Path.Combine(_dataFolder, "redis-server");
        await File.WriteAllTextAsync(server, "#!/bin/sh\nexec sleep 1000\n", Cancellation);
        File.SetUnixFileMode(server, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await using var application = await StartAsync(server, password);

        string? settings = null;
        while (settings is null)
        {
            await Task.Delay(50, Cancellation);
            settings = Directory.GetFiles(_dataFolder, "redis.conf", SearchOption.AllDirectories).SingleOrDefault();
            if (settings is not null && !(await File.ReadAllTextAsync(settings, Cancellation)).EndsWith("no\n", StringComparison.Ordinal)) settings = null;
        }
        Assert.Contains(line.Trim(), await File.ReadAllLinesAsync(settings, Cancellation));
    }

    private static CancellationToken Cancellation => CancellationTokenSource.CreateLinkedTokenSource(
        TestContext.Current.CancellationToken, new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token).Token;

    private async Task<DistributedApplication> StartAsync(string server, string password)
    {
        var interception = new AppHostInterception(typeof(Projects.TaskFlow_AppHost).Assembly);
        string[] settings =
        [
            "--Dashboard:Enabled=false", $"--Local:DataFolder={_dataFolder}", "--Local:DataFolderIsTemporary=false", $"--Local:Redis={server}", $"--Parameters:redis-password={password}",
        ];
        var builder = new DistributedApplicationBuilder(new DistributedApplicationOptions { Args = settings }, interception);
        builder.AddRedis("redis");
        interception.AllowBuild();
        var application = builder.Build();
        await application.StartAsync(Cancellation);
        return application;
    }
}
