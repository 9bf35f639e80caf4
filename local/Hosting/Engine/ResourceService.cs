using System.Security.Cryptography;
using System.Text;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Resources;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Engine;

/// <summary>
/// What the dashboard asks and does: the list of resources, start, stop, restart, logs, environment. On a private port, for whoever has the key; without a
/// dashboard on the dashboard's own port.
/// </summary>
internal sealed class ResourceService : IAsyncDisposable
{
    private readonly Orchestrator _orchestrator;
    private readonly string _key = RandomNumberGenerator.GetHexString(32, lowercase: true);
    private readonly Usage _usage = new();
    private WebApplication? _private, _public;

    private ResourceService(Orchestrator orchestrator) => _orchestrator = orchestrator;

    public static async Task<ResourceService> StartAsync(Orchestrator orchestrator, DashboardResource dashboard, Ports ports, CancellationToken cancellationToken)
    {
        var service = new ResourceService(orchestrator);
        if (dashboard.IsEnabled)
        {
            var port = ports.Draw();
            service._private = await service.ListenAsync(port, service._key, cancellationToken).ConfigureAwait(false);
            dashboard.Annotations.Add(new EnvironmentCallbackAnnotation(context =>
            {
                context.EnvironmentVariables["ResourceService__Url"] = $"http://127.0.0.1:{port}";
                context.EnvironmentVariables["ResourceService__Key"] = service._key;
            }));
            dashboard.Unavailable = () => service.TakeOverAsync(dashboard);
        }
        else
        {
            await service.TakeOverAsync(dashboard).ConfigureAwait(false);
        }
        return service;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var app in new[] { _private, _public }.OfType<WebApplication>())
        {
            using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
            await app.StopAsync(now.Token).ConfigureAwait(false);
            await app.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task TakeOverAsync(DashboardResource dashboard) =>
        _public = await ListenAsync(dashboard.Endpoint("http")!.AllocatedEndpoint!.Port, key: null, CancellationToken.None).ConfigureAwait(false);

    private async Task<WebApplication> ListenAsync(int port, string? key, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.ListenLocalhost(port));
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.Services.AddRoutingCore();
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ResourceJson.Default));
        var app = builder.Build();
        app.Use((context, next) => MayPass(context, key) ? next(context) : Refuse(context));
        app.UseRouting();
        Map(app);
        app.UseEndpoints(_ => { });
        await app.StartAsync(cancellationToken).ConfigureAwait(false);
        return app;
    }

    private void Map(WebApplication app)
    {
        var resources = app.MapGroup("/api/resources");
        resources.MapGet("", () => TypedResults.Ok(_orchestrator.Listed.Select(Describe).ToArray()));
        foreach (var action in new[] { "start", "stop", "restart" })
        {
            resources.MapPost($"{{name}}/{action}", (string name) => ActAsync(name, null, action));
            resources.MapPost($"{{name}}/{{replica:int}}/{action}", (string name, int replica) => ActAsync(name, replica, action));
        }
        resources.MapGet("{name}/{replica:int}/logs", Results<Ok<LogPage>, NotFound> (string name, int replica, long after = 0) =>
            Find(name, replica) is [var found] ? TypedResults.Ok(new LogPage(found.Log.After(after))) : TypedResults.NotFound());
        resources.MapGet("{name}/{replica:int}/environment", Results<Ok<IReadOnlyDictionary<string, string>>, NotFound> (string name, int replica) =>
            Find(name, replica) is [var found] ? TypedResults.Ok(found.Environment?.Masked ?? new Dictionary<string, string>()) : TypedResults.NotFound());
        app.MapGet("/", () => TypedResults.Content(ResourcePage.Html(_orchestrator.Listed.Select(Describe)), "text/html; charset=utf-8"));
    }

    private async Task<Results<Ok<ResourceDescription[]>, NotFound>> ActAsync(string name, int? replica, string action)
    {
        var found = Find(name, replica);
        if (found.Count == 0) return TypedResults.NotFound();
        await Task.WhenAll(found.Select(async one =>
        {
            if (action is "stop" or "restart") await one.StopAsync(Orchestrator.Grace).ConfigureAwait(false);
            if (action is "start" or "restart") await one.StartAsync().ConfigureAwait(false);
        })).ConfigureAwait(false);
        return TypedResults.Ok(found.Select(Describe).ToArray());
    }

    private List<Replica> Find(string name, int? replica) =>
        [.. _orchestrator.Listed.Where(one => one.Resource.Name == name && (replica is null || one.Index == replica))];

    private ResourceDescription Describe(Replica replica)
    {
        var (cpu, memory) = _usage.Of(replica);
        return new ResourceDescription(replica.Resource.Name, replica.Index, replica.Launcher.Type, replica.State, replica.ProcessId,
            [.. replica.Endpoints.Values.Select(endpoint => endpoint.UriString)], replica.StartedAt, replica.ExitCode,
            replica.State != KnownResourceStates.Running ? null : replica.IsHealthy ? "Healthy" : "Unhealthy", replica.Message, cpu, memory);
    }

    /// <summary>With a key, only its holder. Without one, only what is addressed to this machine by name and does not come from another site's page.</summary>
    private static bool MayPass(HttpContext context, string? key) => key is not null
        ? CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(context.Request.Headers.Authorization.ToString()), Encoding.UTF8.GetBytes($"Bearer {key}"))
        : context.Request.Host.Host is "localhost" or "127.0.0.1" or "[::1]"
            && (context.Request.Headers.Origin.Count == 0 || context.Request.Headers.Origin == $"{context.Request.Scheme}://{context.Request.Host}");

    private static Task Refuse(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    }
}
