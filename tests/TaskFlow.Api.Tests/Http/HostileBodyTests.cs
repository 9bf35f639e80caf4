using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using TaskFlow.Testing;

namespace TaskFlow.Api.Tests.Http;

/// <summary>
/// Every route that takes a body, those for services and for signing in among them, with every member of it as it should not be: refused as the contract says or taken,
/// never a defect of ours. On an instance of its own, since so many requests would use up the limits of the others.
/// </summary>
public sealed class HostileBodyTests(ApiFixture fixture, HostileBodyTests.Instance instance) : IClassFixture<HostileBodyTests.Instance>
{
    private static readonly string[] Values =
    [
        "null", "true", "0", "-1", "1.5", "1e999", "99999999999999999999999999", "9223372036854775808", "\"\"", "\" \"", "\"x\"", "[]", "{}", "[null]", "[[]]", "[{}]", "[1]", "[\"\"]",
        "[\"x\",null]", "{\"a\":null}", "\"\\u0000\"", "\"a\\u0000b\"", "\"\\ud800\"", "\"\\udc00x\"", "[\"\\u0000\"]", "[\"\\ud800\"]", "\"00000000-0000-0000-0000-000000000000\"",
        "[\"00000000-0000-0000-0000-000000000000\"]", "\"0001-01-01\"", "\"9999-12-31\"", "\"\\\\u0000\"", "\"\uFFFF\"", "\"a@b.org\\u0000\"",
        string.Concat(Enumerable.Repeat('[', 40)) + string.Concat(Enumerable.Repeat(']', 40)),
    ];

    private static readonly byte[][] Bodies =
    [
        [], " "u8.ToArray(), "null"u8.ToArray(), "[]"u8.ToArray(), "{}"u8.ToArray(), "0"u8.ToArray(), "\"x\""u8.ToArray(), "true"u8.ToArray(), "{"u8.ToArray(), "{}{}"u8.ToArray(), "{},"u8.ToArray(),
        "{\"\":1}"u8.ToArray(), "{\"\\ud800\":1}"u8.ToArray(), "{\"\\u0000\":null}"u8.ToArray(), [.. "{\""u8, 0xFF, .. "\":1}"u8], [.. "{\"a\":\""u8, 0xC0, 0x80, .. "\"}"u8],
        [0xEF, 0xBB, 0xBF, .. "{}"u8], [0xFF, 0xFE, (byte)'{', 0, (byte)'}', 0], [0], "// no\n{}"u8.ToArray(), "{\"a\":1,}"u8.ToArray(), "{a:1}"u8.ToArray(), "{'a':1}"u8.ToArray(),
    ];

    [Fact]
    public async Task No_body_breaks_anything()
    {
        var (owner, workspace) = await fixture.CreateWorkspaceAsync();
        var project = await owner.CreateProjectAsync(workspace);
        var task = (await owner.CreateTaskAsync(workspace, project)).Id();
        var comment = (await owner.Api.PostJsonAsync($"/api/workspaces/{workspace}/tasks/{task}/comments", new { body = "Mine" })).Expect(201).Json.Id();
        var document = (await owner.Api.GetJsonAsync("/openapi/v1.json")).Expect(200).Json;
        var ids = new Dictionary<string, Guid> { ["ws"] = workspace, ["p"] = project, ["id"] = task, ["c"] = comment, ["userId"] = owner.Id };
        using var http = instance.Api.CreateClient(owner.AccessToken);
        http.DefaultRequestHeaders.Add("X-Service-Key", Instance.ServiceKey);

        var defects = new List<string>();
        var count = 0;
        foreach (var (method, path, members) in Routes(document, ids))
        {
            foreach (var body in Bodies.Concat(Objects(members)))
            {
                count++;
                using var request = new HttpRequestMessage(method, path) { Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } } };
                using var response = await http.SendAsync(request);
                var answer = await ApiResponse.ReadAsync(response, CancellationToken.None);
                var isFine = answer.Status < 400 || (answer.Status < 500 && answer.Code is not null && (answer.Status != 400 || answer.Json["errors"] is JsonObject { Count: > 0 }));
                if (!isFine) defects.Add($"{method} {path} {Encoding.UTF8.GetString(body)}: {answer.Status} {answer.Body}");
            }
        }

        Assert.True(defects.Count == 0, string.Join('\n', defects));
        Assert.InRange(count, 500, int.MaxValue);
        // What was taken is all in the log, and can be read.
        var page = (await owner.Api.GetJsonAsync($"/api/workspaces/{workspace}/events?limit=1000")).Expect(200).Json;
        Assert.Equal(Enumerable.Range(1, page["events"]!.AsArray().Count), page["events"]!.AsArray().Select(item => (int)item.Number("seq")));
        (await owner.Api.GetJsonAsync($"/api/workspaces/{workspace}/snapshot")).Expect(200);
    }

    /// <summary>The routes with a body and its members: those of the document, then those that it leaves out.</summary>
    private static IEnumerable<(HttpMethod Method, string Path, string[] Members)> Routes(JsonNode document, Dictionary<string, Guid> ids)
    {
        foreach (var (path, operations) in document["paths"]!.AsObject())
        {
            foreach (var (method, operation) in operations!.AsObject())
            {
                if (operation!["requestBody"] is not { } body) continue;
                var schema = Resolve(document, body["content"]!["application/json"]!["schema"]!);
                yield return (new HttpMethod(method.ToUpperInvariant()), Fill(path, ids), [.. schema["properties"]!.AsObject().Select(property => property.Key)]);
            }
        }
        yield return (HttpMethod.Post, "/internal/heads", ["workspaces", "sessions"]);
    }

    /// <summary>Each member with each value, alone, behind itself, and among others that are as they should be as far as that can be told.</summary>
    private static IEnumerable<byte[]> Objects(string[] members) =>
        from member in members
        from value in Values
        from text in (string[])
        [
            $$"""{"{{member}}":{{value}}}""",
            $$"""{"{{member}}":"x","{{member}}":{{value}}}""",
            $$"""{{{string.Join(',', members.Select(other => $"\"{other}\":{(other == member ? value : Good(other))}"))}}}""",
        ]
        select Encoding.UTF8.GetBytes(text);

    private static string Good(string member) => member switch
    {
        "ids" or "labels" or "workspaces" or "sessions" => "[]",
        "email" => "\"hostile@example.org\"",
        "password" => "\"correct horse 1\"",
        "role" => "\"member\"",
        "status" => "\"todo\"",
        "priority" => "\"none\"",
        "assigneeId" or "dueOn" => "null",
        "version" => "1",
        "key" => "\"KEY\"",
        "all" or "mention" or "assigned" or "overwritten" => "true",
        _ => "\"a1\"",
    };

    private static string Fill(string path, Dictionary<string, Guid> ids) =>
        string.Join('/', path.Split('/').Select(segment => segment.StartsWith('{') ? ids.GetValueOrDefault(segment.Trim('{', '}')).ToString() : segment));

    private static JsonNode Resolve(JsonNode document, JsonNode schema) =>
        (string?)schema["$ref"] is { } reference ? document["components"]!["schemas"]![reference[(reference.LastIndexOf('/') + 1)..]]!
        : schema["oneOf"] is JsonArray { Count: > 0 } options ? Resolve(document, options[^1]!)
        : schema;

    /// <summary>Without limits to speak of, and without Redis, so that it counts by itself.</summary>
    public sealed class Instance(ApiFixture fixture) : IAsyncLifetime
    {
        public const string ServiceKey = "the-key-of-a-hostile-push";

        public ApiInstance Api { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Api = await ApiInstance.StartAsync(fixture, new Dictionary<string, string>
        {
            ["ServiceKey"] = ServiceKey,
            ["RateLimits:General"] = "1000000",
            ["RateLimits:Login"] = "1000000",
            ["RateLimits:Register"] = "1000000",
            ["ConnectionStrings:redis"] = $"127.0.0.1:{Ports.Free()}",
        });

        public async ValueTask DisposeAsync()
        {
            if (Api is not null) await Api.DisposeAsync();
        }
    }
}
