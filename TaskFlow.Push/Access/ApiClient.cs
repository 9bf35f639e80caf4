using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;
using TaskFlow.Contracts;
using TaskFlow.Push.WorkspaceLogs;

namespace TaskFlow.Push.Access;

/// <summary>The Api did not answer, or not as it should: nothing is known just now.</summary>
internal sealed class ApiUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The few questions that Push asks the Api, with a deadline each. A connection that broke is tried once more; the callers know how to wait.</summary>
internal sealed class ApiClient(IHttpClientFactory clients, ILogger<ApiClient> logger)
{
    public const string HttpClientName = "api";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>A page of a workspace's log; null when there is no such workspace.</summary>
    public async Task<FeedPageText?> ReadFeedAsync(Guid workspace, long after, int limit, bool members, CancellationToken cancellationToken)
    {
        var path = $"{Topology.Routes.Feed(workspace)}?after={after}&limit={limit}{(members ? "&members=true" : "")}";
        var body = await AskAsync(HttpMethod.Get, path, null, async (response, token) =>
            response.StatusCode == HttpStatusCode.NotFound ? null : await Ok(response).Content.ReadAsByteArrayAsync(token), cancellationToken);
        if (body is null) return null;
        try { return FeedPageText.Parse(body); }
        catch (Exception error) when (error is JsonException or FormatException or InvalidOperationException) { throw new ApiUnavailableException($"the feed of workspace {workspace} is not readable", error); }
    }

    public async Task<HeadsResponse> ReadHeadsAsync(HeadsRequest request, CancellationToken cancellationToken) =>
        await AskAsync(HttpMethod.Post, Topology.Routes.Heads, () => JsonContent.Create(request, TaskFlowJson.Relaxed.HeadsRequest),
            (response, token) => Ok(response).Content.ReadFromJsonAsync(TaskFlowJson.Relaxed.HeadsResponse, token), cancellationToken)
        ?? throw new ApiUnavailableException("the Api answered null for the heads");

    public Task<bool> TaskExistsAsync(Guid workspace, Guid task, CancellationToken cancellationToken) =>
        AskAsync(HttpMethod.Get, Topology.Routes.TaskExists(workspace, task), null,
            (response, _) => Task.FromResult(response.StatusCode != HttpStatusCode.NotFound && Ok(response).IsSuccessStatusCode), cancellationToken);

    public async Task<IList<JsonWebKey>> ReadKeysAsync(CancellationToken cancellationToken) =>
        await AskAsync(HttpMethod.Get, Topology.Routes.Jwks, null, async (response, token) => new JsonWebKeySet(await Ok(response).Content.ReadAsStringAsync(token)).Keys, cancellationToken);

    private async Task<T> AskAsync<T>(HttpMethod method, string path, Func<HttpContent>? content, Func<HttpResponseMessage, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Patience);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var request = new HttpRequestMessage(method, path) { Content = content?.Invoke() };
                using var client = clients.CreateClient(HttpClientName);
                using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
                return await read(response, deadline.Token);
            }
            catch (Exception error) when (attempt == 1 && error is (HttpRequestException { StatusCode: null } or IOException))
            {
                logger.Retrying(path.Split('?')[0], error.Message);
            }
            catch (Exception error) when (error is HttpRequestException or IOException or JsonException or ArgumentException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                throw new ApiUnavailableException($"the Api did not answer {path.Split('?')[0]}: {error.Message}", error);
            }
        }
    }

    private static HttpResponseMessage Ok(HttpResponseMessage response) => response.IsSuccessStatusCode
        ? response
        : throw new HttpRequestException($"status {(int)response.StatusCode}", null, response.StatusCode);
}

internal static partial class ApiClientLog
{
    [LoggerMessage(LogLevel.Debug, "Asking the Api again for {Path}: {Reason}")]
    public static partial void Retrying(this ILogger<ApiClient> logger, string path, string reason);
}
