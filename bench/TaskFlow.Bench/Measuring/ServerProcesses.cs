using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using TaskFlow.Bench.Setup;

namespace TaskFlow.Bench.Measuring;

/// <summary>CPU time and memory of the servers, by the pids that the dashboard names. Works on the machine that runs them only.</summary>
internal sealed class ServerProcesses
{
    private readonly List<(string Name, Process Process)> _processes = [];

    /// <summary>Empty when there is no dashboard: then all figures are null.</summary>
    public static async Task<ServerProcesses> FindAsync(BenchOptions options, CancellationToken cancellationToken)
    {
        var found = new ServerProcesses();
        if (options.Dashboard is { } dashboard) await found.AddAsync(dashboard, cancellationToken);
        if (options.PushPid is { } pid)
        {
            found._processes.RemoveAll(item => item.Name == "push");
            found._processes.Add(("push", Process.GetProcessById(pid)));
        }
        return found;
    }

    private async Task AddAsync(Uri dashboard, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = dashboard, Timeout = TimeSpan.FromSeconds(5) };
        try
        {
            foreach (var item in (await client.GetFromJsonAsync<JsonElement>("/api/resources", cancellationToken)).EnumerateArray())
            {
                if (item.TryGetProperty("pid", out var pid) && pid.ValueKind == JsonValueKind.Number) _processes.Add((item.GetProperty("name").GetString()!, Process.GetProcessById(pid.GetInt32())));
            }
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException or ArgumentException) { _processes.Clear(); }
    }

    /// <summary>CPU time used so far by all replicas of a resource.</summary>
    public TimeSpan? Cpu(string name) => Sum(name, process => process.TotalProcessorTime.Ticks) is { } ticks ? TimeSpan.FromTicks(ticks) : null;

    /// <summary>Resident memory of all replicas of a resource, bytes.</summary>
    public long? Rss(string name) => Sum(name, process => process.WorkingSet64);

    /// <summary>Open handles (file descriptors) of all replicas of a resource.</summary>
    public long? Handles(string name) => Sum(name, process => process.HandleCount);

    private long? Sum(string name, Func<Process, long> value)
    {
        long sum = 0;
        var any = false;
        foreach (var (resource, process) in _processes)
        {
            if (resource != name) continue;
            process.Refresh();
            if (process.HasExited) continue;
            (any, sum) = (true, sum + value(process));
        }
        return any ? sum : null;
    }
}
