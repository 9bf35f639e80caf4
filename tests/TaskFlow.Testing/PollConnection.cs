using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace TaskFlow.Testing;

/// <summary>A long poller on <c>/realtime/{ws}/poll</c>: asks again with the last seq it got, and yields what comes as frames.</summary>
public sealed class PollConnection : RealtimeConnection
{
    private readonly HttpClient _http;
    private readonly Guid _workspace;
    private readonly int _wait;
    private string? _epoch;

    private PollConnection(HttpClient http, Guid workspace, long? after, int wait, string? epoch) => (_http, _workspace, After, _wait, _epoch) = (http, workspace, after, wait, epoch);

    /// <summary>The last seq received.</summary>
    public long? After { get; private set; }

    public string? ConnectionId { get; private set; }

    public static Task<PollConnection> OpenAsync(Uri push, Guid workspace, string token, long? after = null, int wait = 25, string? epoch = null)
    {
        var http = new HttpClient { BaseAddress = push, Timeout = TimeSpan.FromSeconds(90) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var connection = new PollConnection(http, workspace, after, wait, epoch);
        _ = connection.PollAsync();
        return Task.FromResult(connection);
    }

    public override async Task SendAsync(object frame)
    {
        await Deadline.UntilAsync("the first poll was answered", () => Task.FromResult(ConnectionId is not null));
        (await _http.PostJsonAsync($"/realtime/{_workspace}/send", new { connectionId = ConnectionId, frames = new[] { frame } })).Expect(202);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _http.Dispose();
    }

    private async Task PollAsync()
    {
        try
        {
            while (!Stopping.IsCancellationRequested)
            {
                var query = $"wait={_wait}{(After is { } after ? $"&after={after}" : "")}{(_epoch is { } epoch ? $"&epoch={Uri.EscapeDataString(epoch)}" : "")}{(ConnectionId is { } id ? $"&connectionId={id}" : "")}";
                var answer = (await _http.SendAsync(HttpMethod.Get, $"/realtime/{_workspace}/poll?{query}", cancellationToken: Stopping.Token)).Expect(200).Json;
                ConnectionId = (string?)answer["connectionId"];
                _epoch = (string?)answer["epoch"];
                if ((bool?)answer["reset"] == true) Received(new JsonObject { ["type"] = "reset", ["head"] = answer.Number("head") });
                foreach (var list in (string[])["events", "presence", "frames"]) foreach (var item in answer[list]!.AsArray()) Received(item!.DeepClone());
                foreach (var item in answer["notifications"]!.AsArray()) Received(new JsonObject { ["type"] = "notification", ["notification"] = item!.DeepClone() });
                var events = answer["events"]!.AsArray();
                After = events.Count > 0 ? events[^1].Number("seq") : (bool?)answer["reset"] == true || After is null ? answer.Number("head") : After;
            }
        }
        catch (Exception error) when (error is HttpRequestException or InvalidOperationException or OperationCanceledException or ObjectDisposedException or IOException) { CloseCode = null; }
        finally { End(); }
    }
}
