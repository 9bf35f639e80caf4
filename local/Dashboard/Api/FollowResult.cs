using System.Text.Json;
using TaskFlow.Local.Dashboard.Telemetry;

namespace TaskFlow.Local.Dashboard.Api;

/// <summary>A stream of one JSON document a line: what is there, then what comes, until the reader goes.</summary>
internal sealed class FollowResult<T>(IAsyncEnumerable<T> items, Func<T, TelemetryData> write) : IResult
{
    private static readonly byte[] NewLine = "\n"u8.ToArray();

    public async Task ExecuteAsync(HttpContext context)
    {
        context.Response.ContentType = "application/x-ndjson";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        try
        {
            await context.Response.StartAsync(context.RequestAborted);
            await foreach (var item in items)
            {
                await JsonSerializer.SerializeAsync(context.Response.Body, write(item), TelemetryJson.Default.TelemetryData, context.RequestAborted);
                await context.Response.Body.WriteAsync(NewLine, context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // That is how a follower ends.
        }
    }
}
