using Microsoft.Net.Http.Headers;

namespace TaskFlow.Local.Dashboard.Hosting;

/// <summary>
/// Stands in for a login. The dashboard listens on loopback, so only this machine reaches it; but so does every page open in its browsers. A page of
/// somebody else's is kept out by two headers that it cannot choose: Host (a name of theirs that resolves to 127.0.0.1 is still their name) and Origin
/// (their page's, whatever it asks for).
/// </summary>
internal static class LocalOnly
{
    public static void UseLocalOnly(this WebApplication app, DashboardOptions options) => app.Use((context, next) =>
    {
        if (Objection(context.Request, options) is { } objection) return Refuse(context, objection);
        SetHeaders(context.Response.Headers);
        return next(context);
    });

    private static string? Objection(HttpRequest request, DashboardOptions options)
    {
        if (!IsAllowed(request.Host.Host, options))
            return $"The host '{request.Host.Host}' is not this machine's loopback name. Use localhost, or add the name to Dashboard:AllowedHosts.";
        var origin = request.Headers.Origin.ToString();
        if (origin.Length > 0) return IsOwn(origin, request) ? null : "A page of another origin may not call the dashboard.";
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        // A link from elsewhere that opens a page is harmless; a form, a frame or a script from elsewhere is not.
        if (site is "cross-site" or "same-site" && !(HttpMethods.IsGet(request.Method) && request.Headers["Sec-Fetch-Dest"] == "document"))
            return "A page of another site may not call the dashboard.";
        return null;
    }

    private static bool IsAllowed(string host, DashboardOptions options) =>
        DashboardOptions.IsLoopback(host) || options.AllowedHosts.Contains(host, StringComparer.OrdinalIgnoreCase);

    private static bool IsOwn(string origin, HttpRequest request) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri) && $"{uri.Host}:{uri.Port}".Equals(
            $"{request.Host.Host}:{request.Host.Port ?? (uri.Scheme == Uri.UriSchemeHttps ? 443 : 80)}", StringComparison.OrdinalIgnoreCase);

    private static Task Refuse(HttpContext context, string reason)
    {
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(reason, context.RequestAborted);
    }

    private static void SetHeaders(IHeaderDictionary headers)
    {
        // Blazor sets style attributes (a bar's width): that, and nothing else, is inline.
        headers.ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; "
            + "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers[HeaderNames.CacheControl] = "no-store";
    }
}
