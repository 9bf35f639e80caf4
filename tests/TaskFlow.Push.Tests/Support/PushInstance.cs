using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TaskFlow.Contracts;
using TaskFlow.ServiceDefaults;
using TaskFlow.Testing;

namespace TaskFlow.Push.Tests.Support;

/// <summary>One instance of the service on a real port, built exactly as Program.cs builds it.</summary>
public sealed class PushInstance : IAsyncDisposable
{
    private readonly WebApplication _app;
    private bool _stopped;

    private PushInstance(WebApplication app, Uri address, LogRecord log) => (_app, Address, Log) = (app, address, log);

    public Uri Address { get; }

    /// <summary>Everything that was logged.</summary>
    public LogRecord Log { get; }

    internal IServiceProvider Services => _app.Services;

    public static Task<PushInstance> StartAsync(FeedServer feed, RedisServer redis, params (string Name, string Value)[] settings) => StartAsync(feed, redis, TimeProvider.System, settings);

    public static async Task<PushInstance> StartAsync(FeedServer feed, RedisServer redis, TimeProvider time, params (string Name, string Value)[] settings)
    {
        for (var attempt = 0; ; attempt++)
        {
            var port = Ports.Free();
            var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ApplicationName = "TaskFlow.Push", EnvironmentName = settings.LastOrDefault(setting => setting.Name == "environment").Value ?? "Testing" });
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["ConnectionStrings:redis"] = redis.ConnectionString,
                [$"services:api:{settings.LastOrDefault(setting => setting.Name == "apiEntry").Value ?? "http"}:0"] = feed.Address.ToString(),
                ["ServiceKey"] = "test-key",
                ["PublicUrls:Web"] = "http://localhost:5100",
                ["Realtime:DrainSeconds"] = "1",
                ["Realtime:HeadsMilliseconds"] = "500",
            });
            builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)));
            var log = new LogRecord();
            builder.Logging.ClearProviders().AddProvider(log);
            builder.AddServiceDefaults();
            builder.AddPush();
            builder.Services.AddSingleton(time);
            builder.WebHost.UseUrls([$"http://127.0.0.1:{port}", .. builder.Configuration["DaprAppPort"] is { } other ? [$"http://127.0.0.1:{other}"] : Array.Empty<string>(), .. builder.Configuration["TlsPort"] is { } tls ? [$"https://127.0.0.1:{tls}"] : Array.Empty<string>()]);
            var app = builder.Build();
            app.MapServiceDefaults();
            app.MapPush();
            try
            {
                await app.StartAsync();
                return new PushInstance(app, new Uri($"http://127.0.0.1:{port}"), log);
            }
            catch (IOException) when (attempt < 5) { await app.DisposeAsync(); }
        }
    }

    public HttpClient CreateClient(string? token = null)
    {
        var client = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(90) };
        if (token is not null) client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    /// <summary>Delivers a message as the sidecar does.</summary>
    public async Task DeliverAsync(byte[] message)
    {
        using var client = CreateClient();
        using var content = new ByteArrayContent(message);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await client.PostAsync(Topology.Routes.EventsSubscription, content);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    public async Task StopAsync()
    {
        if (_stopped) return;
        _stopped = true;
        await _app.StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _app.DisposeAsync();
    }
}

/// <summary>Keeps all log lines, at every level.</summary>
public sealed class LogRecord : ILoggerProvider, ILogger
{
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines
    {
        get { lock (_lines) return [.. _lines]; }
    }

    public bool Contains(string text) => Lines.Any(line => line.Contains(text, StringComparison.Ordinal));

    public ILogger CreateLogger(string categoryName) => this;
    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;
        lock (_lines) _lines.Add($"{logLevel}: {formatter(state, exception)} {exception}");
    }

    public void Dispose() { }
}
