using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace TaskFlow.Testing;

/// <summary>A WebSocket to <c>/realtime/{ws}/ws</c>.</summary>
public sealed class WebSocketConnection : RealtimeConnection
{
    private readonly ClientWebSocket _socket = new();

    /// <summary>Opens; a refused handshake throws a <see cref="WebSocketException"/>.</summary>
    public static async Task<WebSocketConnection> OpenAsync(Uri push, Guid workspace, string token, string query = "", Action<ClientWebSocketOptions>? configure = null)
    {
        var connection = new WebSocketConnection();
        connection._socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        connection._socket.Options.KeepAliveInterval = TimeSpan.Zero;
        configure?.Invoke(connection._socket.Options);
        var address = new UriBuilder(push) { Scheme = push.Scheme == Uri.UriSchemeHttps ? "wss" : "ws", Path = $"/realtime/{workspace}/ws", Query = query }.Uri;
        using var timeout = new CancellationTokenSource(Deadline.Default);
        await connection._socket.ConnectAsync(address, timeout.Token);
        _ = connection.ReceiveAsync();
        return connection;
    }

    public override Task SendAsync(object frame) => SendTextAsync(frame as string ?? JsonSerializer.Serialize(frame, JsonSerializerOptions.Web));

    public async Task SendTextAsync(string text)
    {
        using var timeout = new CancellationTokenSource(Deadline.Default);
        await _socket.SendAsync(System.Text.Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, timeout.Token);
    }

    /// <summary>Closes as a well-behaved client does.</summary>
    public async Task CloseAsync()
    {
        using var timeout = new CancellationTokenSource(Deadline.Default);
        if (_socket.State is WebSocketState.Open) await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, timeout.Token);
        await Ended.WaitAsync(timeout.Token);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _socket.Dispose();
    }

    private async Task ReceiveAsync()
    {
        var buffer = new ArraySegment<byte>(new byte[64 * 1024]);
        using var message = new MemoryStream();
        try
        {
            while (true)
            {
                var result = await _socket.ReceiveAsync(buffer, Stopping.Token);
                if (result.MessageType == WebSocketMessageType.Close)
                {
                    CloseCode = (int?)_socket.CloseStatus;
                    await _socket.CloseOutputAsync(_socket.CloseStatus ?? WebSocketCloseStatus.NormalClosure, null, Stopping.Token);
                    break;
                }
                message.Write(buffer.AsSpan(0, result.Count));
                if (!result.EndOfMessage) continue;
                Received(JsonNode.Parse(message.GetBuffer().AsSpan(0, (int)message.Length))!);
                message.SetLength(0);
            }
        }
        catch (Exception error) when (error is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            CloseCode ??= (int?)_socket.CloseStatus;
        }
        finally { End(); }
    }
}
