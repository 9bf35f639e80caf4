using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Dapr;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace TaskFlow.Local.Tests.DaprSidecar.Support;

/// <summary>A delivery as the app sees it.</summary>
internal sealed record Delivery(string Path, string ContentType, string Body, IReadOnlyDictionary<string, string> Headers)
{
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    /// <summary>The data of a CloudEvent that is a plain text.</summary>
    public string Text => Json.GetProperty("data").GetString()!;
}

/// <summary>A real app on Dapr.AspNetCore that notes what it gets and answers as the test says.</summary>
internal sealed class SubscriberApp : IAsyncDisposable
{
    private readonly Channel<Delivery> _deliveries = Channel.CreateUnbounded<Delivery>();
    private readonly TopicOptions[] _topics;
    private readonly bool _unwrap;
    private WebApplication? _app;

    private SubscriberApp(int port, bool unwrap, TopicOptions[] topics)
    {
        Port = port;
        _unwrap = unwrap;
        _topics = topics;
    }

    public int Port { get; }

    public bool IsHealthy { get; set; } = true;

    /// <summary>How the app answers; done at once by default.</summary>
    public Func<Delivery, Task<IResult>> Answer { get; set; } = _ => Task.FromResult(Results.Ok());

    /// <summary>Every delivery so far.</summary>
    public ConcurrentQueue<Delivery> All { get; } = new();

    /// <summary>An app for the given topics, each on a path of the same name. The CloudEvents arrive as they are.</summary>
    public static Task<SubscriberApp> StartAsync(params string[] topics) => StartAsync([.. topics.Select(topic => new TopicOptions { PubsubName = "pubsub", Name = topic })]);

    public static async Task<SubscriberApp> StartAsync(TopicOptions[] topics, bool unwrap = false)
    {
        var app = new SubscriberApp(Programs.FreePort(), unwrap, topics);
        await app.StartAsync();
        return app;
    }

    /// <summary>An app that is not there yet.</summary>
    public static SubscriberApp NotStarted(params string[] topics) => new(Programs.FreePort(), false, [.. topics.Select(topic => new TopicOptions { PubsubName = "pubsub", Name = topic })]);

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{Port}");
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(host => host.ShutdownTimeout = TimeSpan.Zero);
        _app = builder.Build();
        if (_unwrap) _app.UseCloudEvents();
        _app.MapSubscribeHandler();
        _app.MapGet("/healthz", () => IsHealthy ? Results.Ok() : Results.StatusCode(503));
        foreach (var topic in _topics) _app.MapPost("/" + topic.Name, (Delegate)HandleAsync).WithTopic(topic);
        await _app.StartAsync(Wait.Deadline());
    }

    /// <summary>Gone at once, with all connections.</summary>
    public async Task StopAsync()
    {
        if (_app is null) return;
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
        _app = null;
    }

    public async Task<Delivery> NextAsync() => await _deliveries.Reader.ReadAsync(Wait.Deadline());

    public async Task<List<Delivery>> NextAsync(int count)
    {
        var deliveries = new List<Delivery>();
        while (deliveries.Count < count) deliveries.Add(await NextAsync());
        return deliveries;
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task<IResult> HandleAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var delivery = new Delivery(context.Request.Path, context.Request.ContentType ?? "", await reader.ReadToEndAsync(context.RequestAborted),
            context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase));
        All.Enqueue(delivery);
        await _deliveries.Writer.WriteAsync(delivery);
        return await Answer(delivery);
    }
}
