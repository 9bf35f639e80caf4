using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using TaskFlow.Local.DaprSidecar.Startup;

namespace TaskFlow.Local.DaprSidecar.Delivery;

/// <summary>HTTP to the app: connections stay open between deliveries.</summary>
internal sealed class AppChannel : IDisposable
{
    private const string TokenHeader = "dapr-api-token";

    private readonly SidecarOptions _options;
    private readonly Uri _base;
    private readonly bool _isHttp2;
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler
    {
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(10),
        EnableMultipleHttp2Connections = true,
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        // Trace headers are the delivery's own, set per request.
        ActivityHeadersPropagator = null,
        // Metadata of a message travels as headers; daprd sends its bytes as they are.
        RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8,
        // As daprd: the app is on this machine, its certificate a development one.
        SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
    });

    public AppChannel(SidecarOptions options)
    {
        _options = options;
        _isHttp2 = options.AppProtocol == "h2c";
        _base = new UriBuilder(options.AppProtocol == "https" ? "https" : "http", options.AppChannelAddress, options.AppPort ?? 0).Uri;
    }

    public Task<HttpResponseMessage> PostAsync(string path, ReadOnlyMemory<byte> body, MediaTypeHeaderValue contentType, Action<HttpRequestHeaders> addHeaders, CancellationToken cancellationToken)
    {
        var request = Request(HttpMethod.Post, path);
        request.Content = new ReadOnlyMemoryContent(body) { Headers = { ContentType = contentType } };
        addHeaders(request.Headers);
        AddToken(request.Headers);
        return _http.SendAsync(request, cancellationToken);
    }

    public Task<HttpResponseMessage> GetAsync(string path, CancellationToken cancellationToken)
    {
        var request = Request(HttpMethod.Get, path);
        AddToken(request.Headers);
        return _http.SendAsync(request, cancellationToken);
    }

    /// <summary>Whether something listens on the app's port.</summary>
    public async Task<bool> CanConnectAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromMilliseconds(500));
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(_options.AppChannelAddress, _options.AppPort ?? 0, limit.Token);
            return true;
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    public void Dispose() => _http.Dispose();

    private HttpRequestMessage Request(HttpMethod method, string path) => new(method, new Uri(_base, path.StartsWith('/') ? path : "/" + path))
    {
        Version = _isHttp2 ? HttpVersion.Version20 : HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    /// <summary>Last of all: what a publisher puts into its metadata under this name is not the app's token.</summary>
    private void AddToken(HttpRequestHeaders headers)
    {
        headers.Remove(TokenHeader);
        if (_options.AppApiToken is { } token) headers.TryAddWithoutValidation(TokenHeader, token);
    }
}
