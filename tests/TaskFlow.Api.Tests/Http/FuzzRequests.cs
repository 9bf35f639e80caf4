using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace TaskFlow.Api.Tests.Http;

/// <summary>Hostile requests for the operations of an OpenAPI document: by their schemas, so that they get past the first check, and off them, so that they should not.</summary>
internal sealed class FuzzRequests(JsonNode document, IReadOnlyDictionary<string, string[]> ids)
{
    private static readonly string[] HostileStrings =
    [
        "", " ", "null", "a", "\u202Eabc\u202C", "🚀", "ﷺ", "'; drop table tasks; --", "<script>alert(1)</script>", "%", "_", "\\", "{}", "@", "@@ada", "../../etc/passwd",
        "todo", "high", "owner", "guest", "2026-02-30", "2026-04-01", "0000-00-00", "9999-12-31", "WEB", "a@b.org", new('x', 501), new('x', 40_000), "\t\r\n", "NaN", "1e999",
    ];

    /// <summary>Values as they stand in the text: among them what no serialiser would write.</summary>
    private static readonly string[] HostileValues =
    [
        "null", "true", "0", "-0", "-1", "1.5", "1e999", "99999999999999999999999999", "2147483648", "[]", "{}", "[null]", "[[[[[[]]]]]]", "{\"a\":{\"a\":{\"a\":1}}}",
        "\"\\u0000\"", "\"a\\u0000b\"", "\"\\ud800\"", "\"\\udc00x\"", "\"\\ud83d\\ude80\"", "[\"\\u0000\"]", "[\"\\ud800\"]", "[1,\"a\",null]", "{\"\\ud800\":1}",
    ];

    private static readonly string[] HostileSegments = ["nonsense", "00000000-0000-0000-0000-000000000000", "%20", "..%2f..", "'", "%F0%9F%9A%80", "%ff", "0", new('a', 300)];

    public IReadOnlyList<(string Method, string Path, JsonNode Operation)> Operations { get; } =
    [
        .. from path in document["paths"]!.AsObject()
           from operation in path.Value!.AsObject()
           let name = $"{operation.Key.ToUpperInvariant()} {path.Key}"
           where name is not ("POST /api/auth/logout" or "POST /api/auth/register" or "POST /api/auth/login")
           select (operation.Key.ToUpperInvariant(), path.Key, operation.Value!),
    ];

    public HttpRequestMessage Create(int seed)
    {
        var random = new Random(seed);
        var (method, path, operation) = Operations[random.Next(Operations.Count)];
        var request = new HttpRequestMessage(new HttpMethod(method), FillPath(path, method, random) + Query(operation, random));
        if (random.Next(3) == 0) request.Headers.TryAddWithoutValidation("Idempotency-Key", Pick(random, "k1", "k2", new string('k', 201), "tab\there", $"{seed}"));
        if (random.Next(3) == 0) request.Headers.TryAddWithoutValidation("If-Match", Pick(random, "*", "\"1\"", "1", "W/\"1\"", "\"\"", "\"99999999999999999999\"", "\"1\", \"2\"", "nonsense"));
        if (operation["requestBody"] is { } body) request.Content = Content(Resolve(body["content"]!["application/json"]!["schema"]!), random);
        return request;
    }

    private string FillPath(string path, string method, Random random) => string.Join('/', path.Split('/').Select(segment =>
    {
        if (!segment.StartsWith('{')) return segment;
        // What a DELETE finds would be missing for the rest, so it gets ids that lead nowhere.
        var known = ids.GetValueOrDefault(segment.Trim('{', '}')) ?? [];
        return known.Length == 0 || random.Next(5) == 0 || (method == "DELETE" && segment != "{ws}")
            ? Pick(random, HostileSegments) : method == "DELETE" && path.EndsWith("{ws}", StringComparison.Ordinal) ? Guid.NewGuid().ToString() : Pick(random, known);
    }));

    private static string Query(JsonNode operation, Random random)
    {
        var query = new StringBuilder();
        foreach (var parameter in operation["parameters"]?.AsArray() ?? [])
        {
            if ((string?)parameter!["in"] != "query" || random.Next(3) == 0) continue;
            var value = random.Next(4) switch
            {
                0 => random.Next(-5, 300).ToString(),
                1 => Pick(random, "%00", "%ff", "a%00b", "%ED%A0%80", "%F0%9F%9A%80"),
                _ => Uri.EscapeDataString(Cut(Pick(random, HostileStrings), 1000)),
            };
            query.Append(query.Length == 0 ? '?' : '&').Append(parameter["name"]).Append('=').Append(value);
        }
        return query.ToString();
    }

    private HttpContent Content(JsonNode schema, Random random)
    {
        var text = random.Next(12) switch
        {
            0 => Pick(random, HostileValues),
            1 => string.Concat(Enumerable.Repeat(Pick(random, "[", "{\"a\":"), 5000)),
            2 => Cut(Object(schema, random), random.Next(40)),
            _ => Object(schema, random),
        };
        var bytes = Encoding.UTF8.GetBytes(text);
        if (bytes.Length > 0 && random.Next(8) == 0) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        if (random.Next(30) == 0) bytes = [0xEF, 0xBB, 0xBF, .. bytes];
        var type = random.Next(20) == 0 ? Pick(random, "text/plain", "application/json; charset=utf-16", "application/problem+json", "") : "application/json";
        var content = new ByteArrayContent(bytes);
        if (type.Length > 0) content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return content;
    }

    private string Object(JsonNode schema, Random random)
    {
        var members = new List<string>();
        foreach (var (name, property) in schema["properties"]?.AsObject() ?? [])
        {
            if (random.Next(5) != 0) members.Add($"\"{name}\":{Value(Resolve(property!), random)}");
            if (random.Next(20) == 0) members.Add($"\"{name}\":{Value(Resolve(property!), random)}"); // twice
        }
        if (random.Next(5) == 0) members.Add($"\"id\":{Pick(random, HostileValues)},\"version\":{Pick(random, HostileValues)},\"unknown\":{Pick(random, HostileValues)}");
        return $"{{{string.Join(',', members)}}}";
    }

    private string Value(JsonNode schema, Random random)
    {
        if (random.Next(4) == 0) return Pick(random, HostileValues);
        var type = schema["type"]?.ToJsonString() ?? "";
        if (type.Contains("array", StringComparison.Ordinal)) return $"[{string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => Text(random)))}]";
        if (type.Contains("integer", StringComparison.Ordinal)) return random.Next(-2, 10).ToString();
        if (type.Contains("boolean", StringComparison.Ordinal)) return random.Next(2) == 0 ? "true" : "false";
        if (random.Next(4) == 0) return $"\"{Pick(random, [.. ids.Values.SelectMany(values => values)])}\"";
        return Text(random);
    }

    private static string Text(Random random) => System.Text.Json.JsonSerializer.Serialize(Pick(random, HostileStrings));

    private JsonNode Resolve(JsonNode schema) =>
        (string?)schema["$ref"] is { } reference ? document["components"]!["schemas"]![reference[(reference.LastIndexOf('/') + 1)..]]!
        : schema["oneOf"] is JsonArray { Count: > 0 } options ? Resolve(options[^1]!)
        : schema;

    private static string Cut(string text, int length) => text.Length <= length ? text : text[..length];

    private static T Pick<T>(Random random, params T[] values) => values[random.Next(values.Length)];
}
