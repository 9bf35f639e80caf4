using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace Aspire.Hosting.Engine;

/// <summary>
/// One address in front of several replicas, in turn. A replica whose process has ended is skipped at once, since its end is known here first; one that cannot
/// be reached is skipped for this request. Streams of any kind pass through as they come: nothing is buffered and nothing times out.
/// </summary>
internal sealed class ReplicaProxy(int port, string endpointName, IReadOnlyList<Replica> replicas) : IAsyncDisposable
{
    private static readonly ForwarderRequestConfig Patient = new() { ActivityTimeout = TimeSpan.FromMilliseconds(int.MaxValue), AllowResponseBuffering = false };

    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        ConnectTimeout = TimeSpan.FromSeconds(5),
    });
    private WebApplication? _app;
    private int _turn;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.ListenLocalhost(port);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
        });
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.Services.AddHttpForwarder();
        _app = builder.Build();
        var forwarder = _app.Services.GetRequiredService<IHttpForwarder>();
        _app.Run(context => ForwardAsync(context, forwarder));
        try
        {
            await _app.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new DistributedApplicationException($"The replicas of '{replicas[0].Resource.Name}' cannot share port {port}: {e.Message}", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
            await _app.StopAsync(now.Token).ConfigureAwait(false);
            await _app.DisposeAsync().ConfigureAwait(false);
        }
        _client.Dispose();
    }

    private async Task ForwardAsync(HttpContext context, IHttpForwarder forwarder)
    {
        var first = Interlocked.Increment(ref _turn);
        foreach (var replica in InTurn(first))
        {
            var error = await forwarder.SendAsync(context, replica.Endpoints[endpointName].UriString, _client, Patient, Transformer).ConfigureAwait(false);
            // A refused connection means that nothing was sent: another replica may answer. Anything else may have had an effect.
            if (error is not ForwarderError.Request || context.Response.HasStarted || !IsRefused(context)) return;
            context.Features.Set<IForwarderErrorFeature>(null);
        }
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.RetryAfter = "1";
        context.Response.ContentType = "application/problem+json";
        await context.Response.WriteAsync("""{"title":"No replica is running.","status":503,"code":"unavailable"}""").ConfigureAwait(false);
    }

    /// <summary>Healthy ones first; those that merely fail their health check come last, so that their own answer is seen when there is no other.</summary>
    private IEnumerable<Replica> InTurn(int first) => Enumerable.Range(0, replicas.Count)
        .Select(offset => replicas[(int)((uint)(first + offset) % (uint)replicas.Count)])
        .Where(replica => replica.ProcessId is not null && replica.State == ApplicationModel.KnownResourceStates.Running)
        .OrderByDescending(replica => replica.IsHealthy);

    private static bool IsRefused(HttpContext context) =>
        context.Features.Get<IForwarderErrorFeature>()?.Exception is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError };

    private static readonly HttpTransformer Transformer = new ForwardingTransformer();

    /// <summary>Keeps the Host header and says where the request came from.</summary>
    private sealed class ForwardingTransformer : HttpTransformer
    {
        public override async ValueTask TransformRequestAsync(HttpContext context, HttpRequestMessage request, string destination, CancellationToken cancellationToken)
        {
            await base.TransformRequestAsync(context, request, destination, cancellationToken).ConfigureAwait(false);
            request.Headers.Host = context.Request.Host.Value;
            request.Headers.TryAddWithoutValidation("X-Forwarded-For", context.Connection.RemoteIpAddress?.ToString());
            request.Headers.TryAddWithoutValidation("X-Forwarded-Proto", context.Request.Scheme);
            request.Headers.TryAddWithoutValidation("X-Forwarded-Host", context.Request.Host.Value);
        }
    }
}
