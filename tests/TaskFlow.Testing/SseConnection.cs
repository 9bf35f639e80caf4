using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;

namespace TaskFlow.Testing;

/// <summary>A Server-Sent Events stream from <c>/realtime/{ws}/sse</c>; frames to the server go by <c>POST …/send</c>.</summary>
public sealed class SseConnection : RealtimeConnection
{
    private readonly HttpClient _http;
    private readonly Guid _workspace;

    private SseConnection(HttpClient http, Guid workspace) => (_http, _workspace) = (http, workspace);

    /// <summary>The newest <c>id:</c> line, for <c>Last-Event-ID</c>.</summary>
    public string? LastEventId { get; private set; }

    public string? ConnectionId { get; private set; }

    public static async Task<SseConnection> OpenAsync(Uri push, Guid workspace, string token, string query = "", string? lastEventId = null, bool trustAll = false)
    {
        var handler = new SocketsHttpHandler();
        if (trustAll) handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        var http = new HttpClient(handler) { BaseAddress = push, Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var connection = new SseConnection(http, workspace);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/realtime/{workspace}/sse{(query.Length > 0 ? "?" + query : "")}");
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (lastEventId is not null) request.Headers.Add("Last-Event-ID", lastEventId);
        using var timeout = new CancellationTokenSource(Deadline.Default);
        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, timeout.Token);
        response.EnsureSuccessStatusCode();
        _ = connection.ReceiveAsync(response);
        return connection;
    }

    public override async Task SendAsync(object frame)
    {
        var body = new { connectionId = ConnectionId ?? throw new InvalidOperationException("not welcomed yet"), frames = new[] { frame } };
        (await _http.PostJsonAsync($"/realtime/{_workspace}/send", body)).Expect(202);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _http.Dispose();
    }

    private async Task ReceiveAsync(HttpResponseMessage response)
    {
        try
        {
            using var owned = response;
            await using var stream = await response.Content.ReadAsStreamAsync(Stopping.Token);
            await foreach (var item in SseParser.Create(stream).EnumerateAsync(Stopping.Token))
            {
                if (!string.IsNullOrEmpty(item.EventId)) LastEventId = item.EventId;
                var frame = JsonNode.Parse(item.Data)!;
                if ((string?)frame["type"] == "welcome") ConnectionId = (string?)frame["connectionId"];
                Received(frame);
            }
        }
        catch (Exception error) when (error is IOException or HttpRequestException or OperationCanceledException or ObjectDisposedException) { CloseCode = null; }
        finally { End(); }
    }
}
