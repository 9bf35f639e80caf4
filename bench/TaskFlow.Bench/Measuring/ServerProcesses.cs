using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace TaskFlow.Bench.Measuring;

/// <summary>CPU time and memory of the servers, by the pids that the dashboard names. Works on the machine that runs them only.</summary>
internal sealed class ServerProcesses
{
    private readonly List<(string Name, Process Process)> _processes = [];

    /// <summary>Empty when there is no dashboard: then all figures are null.</summary>
    public static async Task<ServerProcesses> FindAsync(Uri? dashboard, CancellationToken cancellationToken)
    {
        var found = new ServerProcesses();
        if (dashboard is null) return found;
        using var client = new HttpClient { BaseAddress = dashboard, Timeout = TimeSpan.FromSeconds(5) };
        try
        {
            foreach (var item in (await client.GetFromJsonAsync<JsonElement>("/api/resources", cancellationToken)).EnumerateArray())
            {
                if (item.TryGetProperty("pid", out var pid) && pid.ValueKind == JsonValueKind.Number) found._processes.Add((item.GetProperty("name").GetString()!, Process.GetProcessById(pid.GetInt32())));
            }
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException or ArgumentException) { found._processes.Clear(); }
        return found;
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
