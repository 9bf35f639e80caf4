using TaskFlow.Testing;

namespace TaskFlow.Push.Tests.Support;

/// <summary>A feed and one instance for each test, so that none sees another's workspaces, clocks or limits.</summary>
public abstract class PushTest(RedisServer redis) : IAsyncLifetime
{
    private readonly List<PushInstance> _others = [];

    protected RedisServer Redis => redis;
    protected FeedServer Feed { get; private set; } = null!;
    protected PushInstance Push { get; private set; } = null!;
    protected Person Ada { get; } = Person.New();

    /// <summary>Settings of the instance that is there at first.</summary>
    protected virtual (string, string)[] Settings => [];

    public async ValueTask InitializeAsync()
    {
        Feed = await FeedServer.StartAsync();
        Push = await PushInstance.StartAsync(Feed, redis, Settings);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var other in _others) await other.DisposeAsync();
        await Push.DisposeAsync();
        await Feed.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected Task<PushInstance> StartAnotherAsync(params (string, string)[] settings) => StartAnotherAsync(TimeProvider.System, settings);

    protected async Task<PushInstance> StartAnotherAsync(TimeProvider time, params (string, string)[] settings)
    {
        var instance = await PushInstance.StartAsync(Feed, redis, time, settings);
        _others.Add(instance);
        return instance;
    }

    /// <summary>Opens a WebSocket and takes its welcome.</summary>
    protected async Task<WebSocketConnection> OpenAsync(Guid workspace, Person? person = null, string query = "", PushInstance? instance = null)
    {
        var socket = await WebSocketConnection.OpenAsync((instance ?? Push).Address, workspace, Feed.Token(person ?? Ada), query);
        await socket.NextAsync("welcome");
        return socket;
    }

    protected async Task AppendAsync(Guid workspace, int count, PushInstance? instance = null)
    {
        for (var i = 0; i < count; i++) await (instance ?? Push).DeliverAsync(Feed.Append(workspace));
    }

    protected static IEnumerable<long> Range(long first, long last) => Enumerable.Range(0, (int)(last - first + 1)).Select(i => first + i);

    protected static IEnumerable<long> Seqs(IEnumerable<System.Text.Json.Nodes.JsonNode> events) => events.Select(item => item.Number("seq"));
}
