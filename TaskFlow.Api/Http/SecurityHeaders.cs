using TaskFlow.Contracts;

namespace TaskFlow.Api.Http;

/// <summary>Headers that every answer carries. They are set as late as possible, since an error clears what was set before.</summary>
internal sealed class SecurityHeaders(RequestDelegate next, IConfiguration configuration)
{
    private const string ApiPolicy = "default-src 'none'; frame-ancestors 'none'";

    /// <summary>The built-in documentation page brings inline scripts and styles; it exists in development only.</summary>
    private const string DocumentationPath = "/scalar";

    private readonly string _pagePolicy = PagePolicy(configuration[Topology.Settings.PublicPushUrl]);

    public Task InvokeAsync(HttpContext context)
    {
        context.Response.OnStarting(Apply, context);
        return next(context);
    }

    private Task Apply(object state)
    {
        var context = (HttpContext)state;
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (!context.Request.Path.StartsWithSegments(DocumentationPath))
        {
            headers.ContentSecurityPolicy = context.Response.ContentType?.StartsWith("text/html", StringComparison.Ordinal) == true ? _pagePolicy : ApiPolicy;
        }
        // Answers hold one person's data, tokens among them; what may be kept says so itself.
        if (headers.CacheControl.Count == 0) headers.CacheControl = "no-store";
        return Task.CompletedTask;
    }

    /// <summary>The web app: its own files only, and connections to this API and to Push.</summary>
    private static string PagePolicy(string? pushUrl)
    {
        var push = Uri.TryCreate(pushUrl, UriKind.Absolute, out var url)
            ? $" {url.GetLeftPart(UriPartial.Authority)} {(url.Scheme == Uri.UriSchemeHttps ? "wss" : "ws")}://{url.Authority}"
            : "";
        return "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
            + $"connect-src 'self'{push}; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";
    }
}
