using System.Security.Cryptography;
using System.Text;
using TaskFlow.Local.DaprSidecar.Publishing;
using TaskFlow.Local.DaprSidecar.Startup;

namespace TaskFlow.Local.DaprSidecar.Api;

/// <summary>Dapr's HTTP API, as far as it goes here.</summary>
internal static class HttpApi
{
    private const string TokenHeader = "dapr-api-token";

    /// <summary>Everything but the health checks asks for the token, where one is set. The gRPC service checks for itself.</summary>
    public static void UseApiToken(this WebApplication app, SidecarOptions options)
    {
        if (options.ApiToken is not { } token) return;
        var expected = Encoding.UTF8.GetBytes(token);
        app.Use((context, next) =>
        {
            var isOpen = IsHealthCheck(context.Request) || context.Request.Path.StartsWithSegments("/" + DaprServiceBase.ServiceName);
            if (isOpen || IsToken(context.Request.Headers[TokenHeader], expected)) return next(context);
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return context.Response.WriteAsync("invalid api token\n", context.RequestAborted);
        });
    }

    public static bool IsToken(string? shown, ReadOnlySpan<byte> expected) => shown is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(shown), expected);

    public static void MapHttpApi(this WebApplication app)
    {
        string[] write = [HttpMethods.Post, HttpMethods.Put];
        foreach (var version in new[] { "v1.0", "v1.0-alpha1" }) app.MapMethods(version + "/publish/bulk/{pubSub}/{**topic}", write, BulkPublishEndpoint.HandleAsync);
        app.MapMethods("v1.0/publish/{pubSub}/{**topic}", write, PublishEndpoint.HandleAsync);
        app.MapGet("v1.0/healthz", HealthEndpoints.Healthz);
        app.MapGet("v1.0/healthz/outbound", HealthEndpoints.Outbound);
        app.MapGet("v1.0/metadata", MetadataEndpoints.Get);
        app.MapPut("v1.0/metadata/{key}", MetadataEndpoints.PutAsync);
        app.MapPost("v1.0/shutdown", HealthEndpoints.Shutdown);
        app.MapFallback(NotHere);
    }

    /// <summary>Metadata comes as query parameters: <c>metadata.rawPayload=true</c>.</summary>
    public static Dictionary<string, string> MetadataOf(HttpRequest request)
    {
        const string prefix = "metadata.";
        var metadata = new Dictionary<string, string>();
        foreach (var (name, values) in request.Query)
        {
            if (name.StartsWith(prefix, StringComparison.Ordinal) && name.Length > prefix.Length) metadata[name[prefix.Length..]] = values.ToString();
        }
        return metadata;
    }

    public static IResult Error(PublishException error) => TypedResults.Json(ErrorBody.Of(error), ApiJson.Default.ErrorBody, statusCode: error.HttpStatus);

    public static IResult Error(int status, string code, string message) => TypedResults.Json(new ErrorBody(code, message), ApiJson.Default.ErrorBody, statusCode: status);

    private static bool IsHealthCheck(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) && request.Path.Value?.Trim('/') is "v1.0/healthz" or "v1.0/healthz/outbound";

    private static IResult NotHere(HttpRequest request) => request.Path.StartsWithSegments("/v1.0") || request.Path.StartsWithSegments("/v1.0-alpha1")
        ? Error(StatusCodes.Status501NotImplemented, "ERR_NOT_IMPLEMENTED", $"{request.Method} {request.Path} needs daprd: the built-in sidecar publishes and subscribes only")
        : Error(StatusCodes.Status404NotFound, "ERR_NOT_FOUND", $"{request.Path} is not part of the Dapr API");
}
