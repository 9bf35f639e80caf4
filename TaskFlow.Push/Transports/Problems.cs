using Microsoft.AspNetCore.Http.HttpResults;
using TaskFlow.Contracts;

namespace TaskFlow.Push.Transports;

/// <summary>Refusals before a connection is open, as problem details (RFC 9457) with the contract's <c>code</c>.</summary>
internal static class Problems
{
    public static ProblemHttpResult Invalid(string field, string message) => TypedResults.Problem(title: "The request is not valid.", statusCode: 400, extensions: new Dictionary<string, object?>
    {
        ["code"] = ErrorCodes.ValidationFailed,
        ["errors"] = new Dictionary<string, string[]> { [field] = [message] },
    });

    public static ProblemHttpResult Unauthorized(HttpContext context)
    {
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return Of(401, ErrorCodes.Unauthorized, "No valid token.", "Send an access token or a realtime token as Authorization: Bearer or as access_token.");
    }

    public static ProblemHttpResult Forbidden(string detail) => Of(403, ErrorCodes.Forbidden, "Not allowed.", detail);
    public static ProblemHttpResult NotFound(string detail) => Of(404, ErrorCodes.NotFound, "Not found.", detail);
    public static ProblemHttpResult TooLarge() => Of(413, ErrorCodes.TooLarge, "Too large.", "A frame, and a body of frames, may have 64 KB.");

    public static ProblemHttpResult RateLimited(HttpContext context, string detail, int seconds = 1)
    {
        context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return Of(429, ErrorCodes.RateLimited, "Too many.", detail);
    }

    public static ProblemHttpResult Unavailable(HttpContext context, string detail, int seconds = 2)
    {
        context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return Of(503, ErrorCodes.Unavailable, "Not available just now.", detail);
    }

    public static ProblemHttpResult UpgradeRequired(HttpContext context)
    {
        context.Response.Headers.Upgrade = "websocket";
        context.Response.Headers.SecWebSocketVersion = "13";
        return Of(426, ErrorCodes.ValidationFailed, "This is a WebSocket.", "Open it with a WebSocket handshake (RFC 6455, version 13).");
    }

    /// <summary>The code of a status that the framework itself answers with.</summary>
    public static string? CodeOf(int? status) => status switch
    {
        400 => ErrorCodes.ValidationFailed,
        401 => ErrorCodes.Unauthorized,
        403 => ErrorCodes.Forbidden,
        404 => ErrorCodes.NotFound,
        405 => ErrorCodes.MethodNotAllowed,
        413 => ErrorCodes.TooLarge,
        415 => ErrorCodes.UnsupportedMediaType,
        429 => ErrorCodes.RateLimited,
        503 => ErrorCodes.Unavailable,
        _ => null,
    };

    private static ProblemHttpResult Of(int status, string code, string title, string detail) =>
        TypedResults.Problem(title: title, detail: detail, statusCode: status, extensions: new Dictionary<string, object?> { ["code"] = code });
}
