using System.Net.WebSockets;

var app = WebApplication.CreateSlimBuilder(args).Build();
app.UseWebSockets();
app.MapGet("/alive", () => "alive");
app.MapGet("/pid", () => Environment.ProcessId);
app.MapGet("/environment/{name}", (string name) => Environment.GetEnvironmentVariable(name) ?? "");
app.MapPost("/length", async (HttpRequest request) =>
{
    using var body = new MemoryStream();
    await request.Body.CopyToAsync(body);
    return body.Length;
});
app.MapGet("/headers", (HttpRequest request) => request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString()));

// Two events, the second when the client has said that it has seen the first.
var seen = new TaskCompletionSource();
app.MapPost("/seen", () => seen.TrySetResult());
app.MapGet("/events", async (HttpResponse response) =>
{
    response.ContentType = "text/event-stream";
    await response.WriteAsync("data: first\n\n");
    await response.Body.FlushAsync();
    await seen.Task;
    await response.WriteAsync("data: second\n\n");
});

app.Map("/socket", async (HttpContext context) =>
{
    using var socket = await context.WebSockets.AcceptWebSocketAsync();
    var buffer = new byte[64 * 1024];
    while (await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted) is { MessageType: not WebSocketMessageType.Close } part)
    {
        await socket.SendAsync(buffer.AsMemory(0, part.Count), part.MessageType, part.EndOfMessage, context.RequestAborted);
    }
    await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", context.RequestAborted);
});

// Like a service that hands its connections over before it goes.
app.Lifetime.ApplicationStopping.Register(() => Thread.Sleep(TimeSpan.FromSeconds(app.Configuration.GetValue("DrainSeconds", 0))));

app.Run();
