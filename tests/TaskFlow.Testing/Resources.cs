using System.Diagnostics;
using System.Text.Json.Nodes;

namespace TaskFlow.Testing;

/// <summary>The Local engine's resources through the dashboard's API: who runs under which pid, and how to end and start it.</summary>
public sealed class Resources(HttpClient dashboard)
{
    /// <summary>All resources, as the dashboard lists them.</summary>
    public async Task<JsonArray> ListAsync() => (await dashboard.GetJsonAsync("/api/resources")).Expect(200).Json.AsArray();

    public async Task<JsonNode> GetAsync(string name, int replica = 0) =>
        (await ListAsync()).Single(item => item.Text("name") == name && item.Number("replica") == replica)!;

    public async Task<int> PidAsync(string name, int replica = 0) => (int)(await GetAsync(name, replica)).Number("pid");

    /// <summary>A replica's own address, past the shared one.</summary>
    public async Task<Uri> EndpointAsync(string name, int replica = 0) => new((string)(await GetAsync(name, replica))["endpoints"]![0]!);

    /// <summary>kill -9 of the process itself; returns once it is gone.</summary>
    public async Task KillAsync(string name, int replica = 0)
    {
        using var process = Process.GetProcessById(await PidAsync(name, replica));
        process.Kill();
        using var timeout = new CancellationTokenSource(Deadline.Default);
        await process.WaitForExitAsync(timeout.Token);
    }

    /// <summary>Sends a signal such as <c>STOP</c> or <c>CONT</c>.</summary>
    public async Task SignalAsync(string signal, string name, int replica = 0)
    {
        var pid = await PidAsync(name, replica);
        using var kill = Process.Start("kill", [$"-{signal}", pid.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        if (kill.ExitCode != 0) throw new InvalidOperationException($"kill -{signal} {pid} ({name}) exited with {kill.ExitCode}");
    }

    /// <summary>Waits until a replica is healthy.</summary>
    public Task HealthyAsync(string name, int replica = 0) =>
        Deadline.UntilAsync($"{name}/{replica} is healthy", async () => (string?)(await GetAsync(name, replica))["health"] == "Healthy");

    public Task StartAsync(string name, int replica = 0) => CommandAsync("start", name, replica);

    public Task StopAsync(string name, int replica = 0) => CommandAsync("stop", name, replica);

    public Task RestartAsync(string name, int replica = 0) => CommandAsync("restart", name, replica);

    private async Task CommandAsync(string command, string name, int replica)
    {
        var answer = await dashboard.PostJsonAsync($"/api/resources/{name}/{replica}/{command}", null);
        if (answer.Status is < 200 or > 299) throw new InvalidOperationException($"{command} {name}/{replica}: {answer.Status} {answer.Body}");
    }
}
