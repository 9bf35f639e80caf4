// The push tier as one would write it with SignalR and Redis: a hub with a group per workspace, each message sent to the group, its JSON written once for all by
// SignalR. It is given every advantage: one process without a backplane, no tokens, no resume, no order.
//   dotnet run -c Release --project bench/peers/signalr -- 14091 localhost:6379,password=...
using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.SignalR;
using StackExchange.Redis;

if (args is not [var port, var redis, ..])
{
    Console.Error.WriteLine("usage: SignalRPeer PORT REDIS");
    return 2;
}
var builder = WebApplication.CreateSlimBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
builder.Services.AddSignalR(options => options.ClientTimeoutInterval = TimeSpan.FromHours(1)); // The bench's clients do not ping.
builder.Services.AddSingleton<IConnectionMultiplexer>(await ConnectionMultiplexer.ConnectAsync(redis)).AddSingleton<Rooms>();

var app = builder.Build();
app.MapHub<BoardHub>("/realtime/{ws}/ws");
app.Lifetime.ApplicationStarted.Register(() => Console.WriteLine($"listening on {port}, pid {Environment.ProcessId}"));
app.Run();
return 0;

/// <summary>A group per workspace; nothing comes from clients.</summary>
internal sealed class BoardHub(Rooms rooms) : Hub
{
    public override async Task OnConnectedAsync()
    {
        var workspace = (string)Context.GetHttpContext()!.Request.RouteValues["ws"]!;
        await Groups.AddToGroupAsync(Context.ConnectionId, workspace);
        await rooms.OpenAsync(workspace);
        await Clients.Caller.SendAsync("welcome", workspace);
    }
}

/// <summary>Passes what comes on a workspace's channel to its group, one message after the other.</summary>
internal sealed class Rooms(IConnectionMultiplexer redis, IHubContext<BoardHub> hub)
{
    private readonly ConcurrentDictionary<string, Lazy<Task>> _open = new();

    public Task OpenAsync(string workspace) => _open.GetOrAdd(workspace, id => new Lazy<Task>(async () =>
    {
        var messages = await redis.GetSubscriber().SubscribeAsync(RedisChannel.Literal($"workspace:{id}:events"));
        messages.OnMessage(message => hub.Clients.Group(id).SendAsync("event", JsonElement.Parse(((ReadOnlyMemory<byte>)message.Message).Span)));
    })).Value;
}
