using System.Diagnostics;
using TaskFlow.Testing;

namespace TaskFlow.Push.Tests.Support;

/// <summary>The service as a process of its own, for what a process is told by its environment only.</summary>
public sealed class PushProcess : IAsyncDisposable
{
    private readonly Process _process;

    private PushProcess(Process process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    public static async Task<PushProcess> StartAsync(FeedServer feed, RedisServer redis, params (string Name, string Value)[] environment)
    {
        var address = new Uri($"http://127.0.0.1:{Ports.Free()}");
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "TaskFlow.Push.dll")]) { UseShellExecute = false };
        foreach (var (name, value) in (IEnumerable<(string, string)>)
        [
            ("ASPNETCORE_URLS", address.ToString()), ("DOTNET_ENVIRONMENT", "Testing"), ("ASPNETCORE_ENVIRONMENT", "Testing"), ("Logging__LogLevel__Default", "None"),
            ("ConnectionStrings__redis", redis.ConnectionString), ("services__api__http__0", feed.Address.ToString()), ("ServiceKey", "test-key"), .. environment,
        ])
        {
            start.Environment[name] = value;
        }
        var process = new PushProcess(Process.Start(start)!, address);
        using var client = new HttpClient { BaseAddress = address };
        await Deadline.UntilAsync("the process answers", async () => (await client.GetJsonAsync("/health")).Status == 200 || process._process.HasExited);
        return process;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
