using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace TaskFlow.Api.Http;

/// <summary>Examples, and the schema of <see cref="Optional{T}"/>, which is that of its value.</summary>
internal static class SchemaDetails
{
    public static async Task AddAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken ct)
    {
        var type = context.JsonTypeInfo.Type;
        if (IsOptional(type))
        {
            var value = await context.GetOrCreateSchemaAsync(type.GetGenericArguments()[0], null, ct);
            (schema.Type, schema.Format, schema.Items, schema.Properties, schema.Enum) = (value.Type, value.Format, value.Items, value.Properties, value.Enum);
        }
        // What may be left out of a PATCH is not required, whatever its record's constructor says.
        foreach (var property in context.JsonTypeInfo.Properties.Where(property => IsOptional(property.PropertyType))) schema.Required?.Remove(property.Name);
        if (Examples.TryGetValue(type.Name, out var example)) schema.Examples = [JsonNode.Parse(example)!];
    }

    public static bool IsOptional(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Optional<>);

    /// <summary>By the name of the request's or answer's record.</summary>
    private static readonly Dictionary<string, string> Examples = new()
    {
        ["RegisterRequest"] = """{"email":"ada@example.com","password":"correct-horse-9","name":"Ada Lovelace"}""",
        ["LoginRequest"] = """{"email":"ada@example.com","password":"correct-horse-9"}""",
        ["RefreshRequest"] = """{"refreshToken":"2mQd5H0m4qkZx0mJ1hVqk3l1b8mX0z1hQk8Yc3w2T9s"}""",
        ["UserDto"] = """{"id":"0198c1d2-5c1f-7d53-9c6e-0a4b8f0f2f11","email":"ada@example.com","name":"Ada Lovelace"}""",
        ["CreateWorkspaceRequest"] = """{"name":"Analytical Engine"}""",
        ["UpdateWorkspaceRequest"] = """{"name":"Difference Engine"}""",
        ["WorkspaceDto"] = """{"id":"0198c1d2-7a10-7e3e-8d55-6f7f4c1f9a02","name":"Analytical Engine","role":"owner","head":124,"createdAt":"2026-03-01T09:30:00Z"}""",
        ["AddMemberRequest"] = """{"email":"charles@example.com","role":"member"}""",
        ["UpdateMemberRequest"] = """{"role":"admin"}""",
        ["MemberDto"] = """{"userId":"0198c1d2-9b42-7c11-a0de-2f9d5e1b7c33","name":"Charles Babbage","email":"charles@example.com","role":"member","joinedAt":"2026-03-01T10:00:00Z"}""",
        ["CreateInvitationRequest"] = """{"role":"guest"}""",
        ["NewProject"] = """{"name":"Web","key":"WEB"}""",
        ["ProjectPatch"] = """{"name":"Web app"}""",
        ["NewTask"] = """{"title":"Print the first Bernoulli number","priority":"high","labels":["cards"],"dueOn":"2026-04-01"}""",
        ["TaskPatch"] = """{"status":"in_progress","version":7}""",
        ["NewComment"] = """{"body":"@Ada Lovelace see note G"}""",
        ["CommentPatch"] = """{"body":"@Ada Lovelace see note G, table 2"}""",
        ["ReadNotifications"] = """{"all":true}""",
        ["NewPreferences"] = """{"status":false}""",
    };
}
