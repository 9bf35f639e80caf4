using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Aspire.Hosting.Engine;

/// <summary>One replica in <c>GET /api/resources</c>.</summary>
internal sealed record ResourceDescription(
    string Name, int Replica, string Type, string State, int? Pid, string[] Endpoints, DateTimeOffset? StartedAt, int? ExitCode,
    string? Health, string? Message, double? Cpu, long? MemoryBytes);

internal sealed record LogPage(IReadOnlyList<LogLine> Lines);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ResourceDescription[]))]
[JsonSerializable(typeof(LogPage))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
internal sealed partial class ResourceJson : JsonSerializerContext;

/// <summary>The list for people, where no dashboard runs.</summary>
internal static class ResourcePage
{
    public static string Html(IEnumerable<ResourceDescription> resources) => $$"""
        <!doctype html><html lang="en"><meta charset="utf-8"><title>TaskFlow resources</title>
        <style>body{font:15px system-ui;margin:2em}td,th{text-align:left;padding:.3em 1.2em .3em 0}</style>
        <h1>Resources</h1><table><tr><th>Name<th>State<th>Process<th>Address
        {{string.Concat(resources.Select(Row))}}
        </table></html>
        """;

    private static string Row(ResourceDescription resource) =>
        $"<tr><td>{resource.Name}/{resource.Replica}<td>{WebUtility.HtmlEncode($"{resource.State} {resource.Health} {resource.Message}")}"
        + $"<td>{resource.Pid}<td>{string.Join(' ', resource.Endpoints.Select(url => $"<a href=\"{url}\">{url}</a>"))}";
}

/// <summary>Memory and processor use of the running replicas.</summary>
internal sealed class Usage
{
    private readonly System.Collections.Concurrent.ConcurrentDictionary<int, (DateTimeOffset At, TimeSpan Processor, double Cpu)> _last = new();

    /// <summary>Cores in use since the last time somebody asked, and resident memory.</summary>
    public (double? Cpu, long? MemoryBytes) Of(Replica replica)
    {
        if (replica.ProcessId is not { } id) return (null, null);
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(id);
            var (now, processor) = (DateTimeOffset.UtcNow, process.TotalProcessorTime);
            var last = _last.GetValueOrDefault(id, (At: replica.StartedAt ?? now, Processor: TimeSpan.Zero, Cpu: 0));
            var elapsed = now - last.At;
            var cpu = elapsed < TimeSpan.FromMilliseconds(200) ? last.Cpu : Math.Round((processor - last.Processor) / elapsed, 3);
            if (elapsed >= TimeSpan.FromMilliseconds(200)) _last[id] = (now, processor, cpu);
            return (cpu, process.WorkingSet64);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return (null, null);
        }
    }
}
