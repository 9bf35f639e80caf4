using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace TaskFlow.Testing;

/// <summary>Plain JSON over HTTP, so that tests see what an outside client sees and share no types with the services.</summary>
public static class Json
{
    public static async Task<ApiResponse> SendAsync(this HttpClient client, HttpMethod method, string path, object? body = null,
        (string Name, string Value)[]? headers = null, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            var text = body as string ?? System.Text.Json.JsonSerializer.Serialize(body, System.Text.Json.JsonSerializerOptions.Web);
            request.Content = new StringContent(text, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        }
        foreach (var (name, value) in headers ?? []) request.Headers.TryAddWithoutValidation(name, value);
        using var response = await client.SendAsync(request, cancellationToken);
        return await ApiResponse.ReadAsync(response, cancellationToken);
    }

    public static Task<ApiResponse> GetJsonAsync(this HttpClient client, string path, params (string, string)[] headers) => client.SendAsync(HttpMethod.Get, path, null, headers);

    public static Task<ApiResponse> PostJsonAsync(this HttpClient client, string path, object? body, params (string, string)[] headers) => client.SendAsync(HttpMethod.Post, path, body, headers);

    public static Task<ApiResponse> PatchJsonAsync(this HttpClient client, string path, object body, params (string, string)[] headers) => client.SendAsync(HttpMethod.Patch, path, body, headers);

    public static Task<ApiResponse> DeleteJsonAsync(this HttpClient client, string path, params (string, string)[] headers) => client.SendAsync(HttpMethod.Delete, path, null, headers);

    public static string Text(this JsonNode? node, string property) => (string?)node?[property] ?? throw new InvalidDataException($"no '{property}' in {node}");

    public static long Number(this JsonNode? node, string property) => (long?)node?[property] ?? throw new InvalidDataException($"no '{property}' in {node}");

    public static Guid Id(this JsonNode? node, string property = "id") => Guid.Parse(node.Text(property));
}

/// <summary>An answer, read whole.</summary>
public sealed record ApiResponse(int Status, string Body, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders)
{
    private JsonNode? _json;

    /// <summary>The body as JSON; fails on a body that is none.</summary>
    public JsonNode Json => _json ??= JsonNode.Parse(Body) ?? throw new InvalidDataException($"{Status} without a body");

    /// <summary>The <c>code</c> of a problem.</summary>
    public string? Code => ContentHeaders.ContentType?.MediaType == "application/problem+json" ? (string?)Json["code"] : null;

    public static async Task<ApiResponse> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken) =>
        new((int)response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken), response.Headers, response.Content.Headers);

    /// <summary>This answer, if it has that status; else a failure that shows the body.</summary>
    public ApiResponse Expect(int status) => Status == status ? this : throw new InvalidOperationException($"expected {status}, got {Status}: {Body}");
}
