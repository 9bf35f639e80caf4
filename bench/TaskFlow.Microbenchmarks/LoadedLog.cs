using System.Diagnostics;
using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Json;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using TaskFlow.Contracts;
using TaskFlow.Push;
using TaskFlow.Push.Access;
using TaskFlow.Push.Connections;
using TaskFlow.Push.Transports;
using TaskFlow.Push.WorkspaceLogs;

namespace TaskFlow.Microbenchmarks;

/// <summary>One workspace's log with its connections, of the service's own parts but without its server: the Api is a page, Redis is away, and sockets only count.</summary>
internal sealed class LoadedLog : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly WebApplication _app;
    private long _sends;

    private LoadedLog(WebApplication app, WorkspaceLog log) => (_app, Log) = (app, log);

    public WorkspaceLog Log { get; }

    public static async Task<LoadedLog> OpenAsync(int connections, bool compressed)
    {
        var member = Guid.CreateVersion7();
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration[$"ConnectionStrings:{Topology.Resources.Redis}"] = "absent";
        builder.AddPush();
        builder.Services.AddHttpClient(ApiClient.HttpClientName).ConfigurePrimaryHttpMessageHandler(() => new Api(member));
        builder.Services.AddSingleton(Absent<IConnectionMultiplexer>.Create());
        var app = builder.Build();
        var log = await app.Services.GetRequiredService<OpenLogs>().OpenAsync(Sample.Workspace, null, CancellationToken.None) ?? throw new InvalidOperationException("the log was not loaded");
        var loaded = new LoadedLog(app, log);
        for (var i = 0; i < connections; i++)
        {
            var connection = new WebSocketConnection(app.Services.GetRequiredService<PushServices>(), log, new Caller(member, member, null, DateTimeOffset.MaxValue), new ResumePlan(0, ResumeModes.Live, log.Generation), compressed);
            _ = connection.RunAsync(new Pipe().Reader, new CountingWire(loaded));
        }
        loaded._sends = 0; // The welcomes are out.
        return loaded;
    }

    /// <summary>Waits until that many writes have reached the sockets.</summary>
    public void WaitForSends(long count)
    {
        var (wait, started) = (new SpinWait(), Stopwatch.GetTimestamp());
        while (Interlocked.Read(ref _sends) < count)
        {
            wait.SpinOnce(sleep1Threshold: -1);
            if (Stopwatch.GetElapsedTime(started) > Patience) throw new TimeoutException($"{_sends} of {count} writes have come");
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private sealed class CountingWire(LoadedLog loaded) : Wire
    {
        public override int TrySend(ReadOnlySpan<byte> bytes)
        {
            Interlocked.Increment(ref loaded._sends);
            return bytes.Length;
        }

        public override ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => default;
        public override void EndOutput() { }
        public override void Abort() { }
    }

    /// <summary>An empty workspace with one member.</summary>
    private sealed class Api(Guid member) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var page = new FeedPage { Events = [], Head = 0, Epoch = "bench", HasMore = false, Reset = false, Members = [new FeedMember(member, "Ada Example", Roles.Member)] };
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = JsonContent.Create(page, TaskFlowJson.Relaxed.FeedPage) });
        }
    }
}

/// <summary>Says nothing and does nothing, at once: a real client that finds no server would try again and again, and be measured with the rest.</summary>
internal class Absent<T> : DispatchProxy where T : class
{
    public static T Create() => Create<T, Absent<T>>();

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var type = targetMethod!.ReturnType;
        return type == typeof(Task) ? Task.CompletedTask
            : type == typeof(Task<ChannelMessageQueue>) ? Task.FromException<ChannelMessageQueue>(new TimeoutException("absent"))
            : type == typeof(ISubscriber) ? Absent<ISubscriber>.Create()
            : type == typeof(IDatabase) ? Absent<IDatabase>.Create()
            : type.IsValueType && type != typeof(void) ? Activator.CreateInstance(type)
            : null;
    }
}
