using System.Text.Json.Nodes;
using TaskFlow.Testing;

namespace TaskFlow.Api.Tests.Http;

public sealed class OpenApiTests(ApiFixture fixture)
{
    private static readonly string[] Contract =
    [
        "POST /api/auth/register", "POST /api/auth/login", "POST /api/auth/refresh", "POST /api/auth/logout", "GET /api/auth/me", "GET /.well-known/jwks.json",
        "GET /api/workspaces", "POST /api/workspaces", "GET /api/workspaces/{ws}", "PATCH /api/workspaces/{ws}", "DELETE /api/workspaces/{ws}",
        "GET /api/workspaces/{ws}/snapshot", "GET /api/workspaces/{ws}/events",
        "GET /api/workspaces/{ws}/members", "POST /api/workspaces/{ws}/members", "PATCH /api/workspaces/{ws}/members/{userId}", "DELETE /api/workspaces/{ws}/members/{userId}",
        "GET /api/workspaces/{ws}/invitations", "POST /api/workspaces/{ws}/invitations", "DELETE /api/workspaces/{ws}/invitations/{id}", "POST /api/invitations/{token}/accept",
        "GET /api/workspaces/{ws}/projects", "POST /api/workspaces/{ws}/projects", "GET /api/workspaces/{ws}/projects/{p}", "PATCH /api/workspaces/{ws}/projects/{p}",
        "DELETE /api/workspaces/{ws}/projects/{p}", "GET /api/workspaces/{ws}/projects/{p}/tasks", "POST /api/workspaces/{ws}/projects/{p}/tasks",
        "GET /api/workspaces/{ws}/tasks", "GET /api/workspaces/{ws}/tasks/{id}", "PATCH /api/workspaces/{ws}/tasks/{id}", "DELETE /api/workspaces/{ws}/tasks/{id}",
        "GET /api/workspaces/{ws}/tasks/{id}/comments", "POST /api/workspaces/{ws}/tasks/{id}/comments", "PATCH /api/workspaces/{ws}/tasks/{id}/comments/{c}",
        "DELETE /api/workspaces/{ws}/tasks/{id}/comments/{c}", "GET /api/workspaces/{ws}/tasks/{id}/activity", "GET /api/workspaces/{ws}/tasks/{id}/presence",
        "GET /api/notifications", "POST /api/notifications/read", "GET /api/notifications/preferences", "PUT /api/notifications/preferences",
        "POST /api/workspaces/{ws}/realtime-token",
    ];

    [Fact]
    public async Task Every_route_of_the_contract_is_described_and_nothing_internal()
    {
        var operations = await OperationsAsync();
        Assert.Empty(Contract.Except(operations.Select(operation => operation.Name)));
        Assert.DoesNotContain(operations, operation => operation.Name.Contains("/internal", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_operation_says_what_it_does_what_it_needs_and_how_it_fails()
    {
        var wrong = new List<string>();
        foreach (var (name, operation) in await OperationsAsync())
        {
            if (string.IsNullOrEmpty((string?)operation["summary"])) wrong.Add($"{name}: no summary");
            var responses = operation["responses"]!.AsObject();
            if (!responses.Any(response => response.Key.StartsWith('2'))) wrong.Add($"{name}: no success");
            foreach (var (status, response) in responses.Where(response => response.Key[0] is '4' or '5'))
            {
                var problem = response!["content"]?["application/problem+json"];
                if (problem?["example"]?["code"] is null) wrong.Add($"{name} {status}: no example with a code");
            }
            if (!responses.ContainsKey("429") || !responses.ContainsKey("503")) wrong.Add($"{name}: no 429 or 503");
            var isOpen = name.EndsWith("/register", StringComparison.Ordinal) || name.EndsWith("/login", StringComparison.Ordinal)
                || name.EndsWith("/refresh", StringComparison.Ordinal) || name.EndsWith("jwks.json", StringComparison.Ordinal);
            if (isOpen == (operation["security"] is JsonArray { Count: > 0 })) wrong.Add($"{name}: open or not?");
            foreach (var value in name.Split('/').Where(segment => segment.StartsWith('{')))
            {
                var parameters = operation["parameters"]?.AsArray() ?? [];
                if (!parameters.Any(parameter => parameter.Text("in") == "path" && parameter.Text("name") == value.Trim('{', '}'))) wrong.Add($"{name}: {value} is not described");
            }
        }
        Assert.Empty(wrong);
    }

    [Fact]
    public async Task What_is_sent_has_an_example_with_fields_of_its_schema()
    {
        var schemas = (await DocumentAsync())["components"]!["schemas"]!;
        var bodies = (await OperationsAsync()).Select(operation => operation.Operation["requestBody"]?["content"]?["application/json"]?["schema"]?["$ref"])
            .OfType<JsonNode>().Select(reference => reference.ToString().Split('/')[^1]).Distinct().ToList();
        Assert.NotEmpty(bodies);
        Assert.DoesNotContain(bodies, name => schemas[name]!["examples"] is not JsonArray { Count: > 0 });
        foreach (var (name, schema) in schemas.AsObject().Where(schema => schema.Value!["examples"] is not null))
        {
            var unknown = schema!["examples"]![0]!.AsObject().Select(field => field.Key).Except(schema["properties"]!.AsObject().Select(field => field.Key));
            Assert.True(!unknown.Any(), $"{name}: {string.Join(", ", unknown)}");
        }
    }

    private async Task<JsonNode> DocumentAsync()
    {
        using var http = fixture.Anonymous();
        return (await http.GetJsonAsync("/openapi/v1.json")).Expect(200).Json;
    }

    private async Task<IReadOnlyList<(string Name, JsonObject Operation)>> OperationsAsync()
    {
        var document = await DocumentAsync();
        return
        [
            .. from path in document["paths"]!.AsObject()
               from operation in path.Value!.AsObject()
               select ($"{operation.Key.ToUpperInvariant()} {path.Key}", operation.Value!.AsObject()),
        ];
    }
}
