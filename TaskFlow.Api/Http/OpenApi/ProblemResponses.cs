using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.OpenApi;
using TaskFlow.Api.Access;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Http;

/// <summary>Writes the errors of a route into its description: those that follow from what the route asks for, and those it declares with <c>ProducesProblem</c>.</summary>
internal static class ProblemResponses
{
    public const string SchemaName = "Problem";

    private static readonly Dictionary<int, (string Code, string Detail)> Known = new()
    {
        [400] = (ErrorCodes.ValidationFailed, "The request is not valid; `errors` says where."),
        [401] = (ErrorCodes.Unauthorized, "No, a wrong or an expired credential."),
        [403] = (ErrorCodes.Forbidden, "The caller's role does not allow it."),
        [404] = (ErrorCodes.NotFound, "Not there, or not for this caller to know."),
        [409] = (ErrorCodes.Conflict, "Against the present state, or the Idempotency-Key is taken."),
        [410] = (ErrorCodes.Gone, "Used up, revoked or expired."),
        [412] = (ErrorCodes.VersionMismatch, "If-Match named another version; `current` has the object."),
        [413] = (ErrorCodes.TooLarge, "The body is larger than 1 MB."),
        [415] = (ErrorCodes.UnsupportedMediaType, "The body is not JSON."),
        [429] = (ErrorCodes.RateLimited, "Too many requests; Retry-After says when to try again."),
        [503] = (ErrorCodes.Unavailable, "A dependency is away; Retry-After says when to try again."),
    };

    public static void Add(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        operation.Responses ??= [];
        foreach (var status in Implied(operation, context, metadata).Union(Declared(operation)).Order().ToList())
        {
            operation.Responses[status.ToString()] = Response(status, context.Document);
        }
    }

    public static OpenApiSchema Schema() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "Problem details (RFC 9457) with a stable code.",
        Required = new HashSet<string> { "title", "status", "code" },
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["type"] = new OpenApiSchema { Type = JsonSchemaType.String },
            ["title"] = new OpenApiSchema { Type = JsonSchemaType.String },
            ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer },
            ["detail"] = new OpenApiSchema { Type = JsonSchemaType.String },
            ["code"] = new OpenApiSchema { Type = JsonSchemaType.String, Enum = [.. Known.Values.Select(known => JsonValue.Create(known.Code)), ErrorCodes.MethodNotAllowed] },
            ["errors"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Description = "Only with validation_failed: messages by field; `body` for JSON that does not parse.",
                AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.String } },
            },
            ["current"] = new OpenApiSchema { Type = JsonSchemaType.Object, Description = "Only with version_mismatch: the object as it is." },
            ["traceId"] = new OpenApiSchema { Type = JsonSchemaType.String },
        },
    };

    private static IEnumerable<int> Implied(OpenApiOperation operation, OpenApiOperationTransformerContext context, IList<object> metadata)
    {
        if (operation.RequestBody is not null || operation.Parameters is { Count: > 0 }) yield return 400;
        if (operation.RequestBody is not null)
        {
            yield return 413;
            yield return 415;
        }
        if (OperationDetails.NeedsToken(metadata)) yield return 401;
        if (metadata.OfType<PermissionMetadata>().LastOrDefault() is { } required)
        {
            yield return 404;
            if (!RoleMatrix.Allows(Roles.Guest, required.Permission)) yield return 403;
        }
        if (OperationDetails.IsKeyed(context.Description.HttpMethod, metadata)) yield return 409;
        yield return 429;
        yield return 503;
    }

    private static IEnumerable<int> Declared(OpenApiOperation operation) =>
        operation.Responses!.Keys.Select(key => int.TryParse(key, out var status) ? status : 0).Where(status => status >= 400);

    private static OpenApiResponse Response(int status, OpenApiDocument? document)
    {
        var (code, detail) = Known.GetValueOrDefault(status, ("", ReasonPhrases.GetReasonPhrase(status)));
        var example = new JsonObject { ["type"] = "about:blank", ["title"] = ReasonPhrases.GetReasonPhrase(status), ["status"] = status, ["detail"] = detail, ["code"] = code };
        if (status == 400) example["errors"] = new JsonObject { ["name"] = new JsonArray("Is required.") };
        var response = new OpenApiResponse
        {
            Description = $"`{code}`: {detail}",
            Content = new Dictionary<string, OpenApiMediaType>
            {
                [Problems.ContentType] = new() { Schema = new OpenApiSchemaReference(SchemaName, document), Example = example },
            },
        };
        if (status is 429 or 503)
        {
            response.Headers = new Dictionary<string, IOpenApiHeader>
            {
                ["Retry-After"] = new OpenApiHeader { Description = "Seconds to wait.", Schema = new OpenApiSchema { Type = JsonSchemaType.Integer } },
            };
        }
        return response;
    }
}
