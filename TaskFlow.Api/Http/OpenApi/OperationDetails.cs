using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using TaskFlow.Api.Access;

namespace TaskFlow.Api.Http;

/// <summary>Writes into a route's description what the pipeline around its handler does: credentials, roles, idempotency keys, paging.</summary>
internal static class OperationDetails
{
    public static void Add(OpenApiOperation operation, OpenApiOperationTransformerContext context, string scheme)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        if (NeedsToken(metadata))
        {
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(scheme, context.Document)] = [] }];
        }
        if (metadata.OfType<PermissionMetadata>().LastOrDefault() is { } required)
        {
            operation.Description = $"{operation.Description}\n\nRoles: {string.Join(", ", RoleMatrix.WithPermission(required.Permission))}.".Trim();
        }
        AddPathParameters(operation, context.Description.RelativePath ?? "");
        if (IsKeyed(context.Description.HttpMethod, metadata)) AddKey(operation);
        foreach (var parameter in operation.Parameters ?? [])
        {
            if (parameter is OpenApiParameter { In: ParameterLocation.Query } query) Describe(query);
        }
    }

    public static bool NeedsToken(IList<object> metadata) => metadata.OfType<IAuthorizeData>().Any() && !metadata.OfType<IAllowAnonymous>().Any();

    public static bool IsKeyed(string? method, IList<object> metadata) =>
        method is "POST" or "PATCH" && NeedsToken(metadata) && !metadata.OfType<NotIdempotentMetadata>().Any();

    /// <summary>Some route values are read by the pipeline only, so the framework does not see a parameter in them.</summary>
    private static void AddPathParameters(OpenApiOperation operation, string path)
    {
        operation.Parameters ??= [];
        var at = 0;
        foreach (var segment in path.Split('/').Where(segment => segment.StartsWith('{')))
        {
            var name = segment[1..segment.IndexOfAny([':', '}'])];
            if (operation.Parameters.Any(parameter => parameter.In == ParameterLocation.Path && parameter.Name == name)) continue;
            operation.Parameters.Insert(at++, new OpenApiParameter
            {
                Name = name,
                In = ParameterLocation.Path,
                Required = true,
                Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "uuid" },
            });
        }
    }

    private static void AddKey(OpenApiOperation operation)
    {
        operation.Parameters!.Add(new OpenApiParameter
        {
            Name = IdempotencyMiddleware.Header,
            In = ParameterLocation.Header,
            Description = "Makes a repetition safe for 24 hours: same key and body answer as the first time and change nothing; another body is a 409. Events echo it as `mutationId`.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = 200 },
            Example = "0198c1d2-5c1f-7d53-9c6e-0a4b8f0f2f11",
        });
    }

    private static void Describe(OpenApiParameter parameter)
    {
        switch (parameter.Name)
        {
            case "Limit" or "limit":
                parameter.Name = "limit";
                parameter.Description = $"Rows per page; {PageQuery.DefaultLimit} by default.";
                parameter.Schema = new OpenApiSchema
                {
                    Type = JsonSchemaType.Integer,
                    Minimum = "1",
                    Maximum = PageQuery.MaxLimit.ToString(),
                    Default = JsonValue.Create(PageQuery.DefaultLimit),
                };
                break;
            case "Cursor" or "cursor":
                parameter.Name = "cursor";
                parameter.Description = "The `nextCursor` of the page before.";
                break;
        }
    }
}
