using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace TaskFlow.Api.Http;

/// <summary>The generated description of this API at <c>/openapi/v1.json</c>, in every environment; a page to try it at <c>/scalar</c>, in development.</summary>
internal static class OpenApiSetup
{
    private const string DocumentName = "v1";
    private const string Bearer = "bearer";

    public static void AddApiDescription(this WebApplicationBuilder builder) => builder.Services.AddOpenApi(DocumentName, options =>
    {
        options.CreateSchemaReferenceId = type => SchemaDetails.IsOptional(type.Type) ? null : OpenApiOptions.CreateDefaultSchemaReferenceId(type);
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "TaskFlow API",
                Version = DocumentName,
                Description = "A task board that feels instant. Every error is a problem (RFC 9457) with a stable `code`; lists are paged by `limit` and `cursor`; "
                    + "a POST or PATCH with an `Idempotency-Key` can be repeated safely for 24 hours. Real-time updates come from the push service.",
            };
            document.Servers = [new OpenApiServer { Url = "/" }];
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes[Bearer] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = Bearer,
                BearerFormat = "JWT",
                Description = "The accessToken of register, login or refresh.",
            };
            document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>();
            document.Components.Schemas.Remove("ProblemDetails"); // ours below says more
            document.Components.Schemas[ProblemResponses.SchemaName] = ProblemResponses.Schema();
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            ProblemResponses.Add(operation, context);
            OperationDetails.Add(operation, context, Bearer);
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer(SchemaDetails.AddAsync);
    });

    public static void MapApiDescription(this WebApplication app)
    {
        app.MapOpenApi();
        if (app.Environment.IsDevelopment()) app.MapScalarApiReference();
    }
}
