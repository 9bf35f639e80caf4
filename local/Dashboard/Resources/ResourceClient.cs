using System.Net.Http.Headers;
using System.Net.Http.Json;

namespace TaskFlow.Local.Dashboard.Resources;

/// <summary>The AppHost's resource service. The key goes with each request and never leaves this process towards a browser.</summary>
internal sealed class ResourceClient
{
    /// <summary>Stopping a resource gracefully takes as long as it needs.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    private readonly HttpClient? _http;

    public ResourceClient(ResourceServiceOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.Url)) return;
        if (!Uri.TryCreate(options.Url, UriKind.Absolute, out var url) || url.Scheme != Uri.UriSchemeHttp)
            throw new InvalidOperationException($"{ResourceServiceOptions.Section}:Url is '{options.Url}', which is no http:// address.");
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false })
        { BaseAddress = url, Timeout = Timeout };
        if (!string.IsNullOrEmpty(options.Key)) _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.Key);
    }

    public bool IsConfigured => _http is not null;

    public async Task<ResourceInfo[]> ListAsync(CancellationToken cancellationToken) =>
        await Http.GetFromJsonAsync("/api/resources", ResourceJson.Default.ResourceInfoArray, cancellationToken) ?? [];

    public async Task<LogLine[]> LogsAsync(string name, int replica, long after, CancellationToken cancellationToken) =>
        (await Http.GetFromJsonAsync($"{Path(name, replica)}/logs?after={after}", ResourceJson.Default.LogLines, cancellationToken))?.Lines ?? [];

    public async Task<Dictionary<string, string?>> EnvironmentAsync(string name, int replica, CancellationToken cancellationToken) =>
        await Http.GetFromJsonAsync($"{Path(name, replica)}/environment", ResourceJson.Default.DictionaryStringString, cancellationToken) ?? [];

    public async Task CommandAsync(string name, int replica, string command, CancellationToken cancellationToken)
    {
        using var response = await Http.PostAsync($"{Path(name, replica)}/{command}", null, cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Sends a request on as it came.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);

    private HttpClient Http => _http ?? throw new InvalidOperationException("No resource service is configured.");

    private static string Path(string name, int replica) => $"/api/resources/{Uri.EscapeDataString(name)}/{replica}";
}
