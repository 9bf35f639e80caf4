using Microsoft.AspNetCore.StaticFiles;

namespace TaskFlow.Api.Http;

/// <summary>Serves the built web app from wwwroot where there is one (production); in development Vite does.</summary>
internal static class WebApp
{
    private const string Index = "/index.html";

    /// <summary>Vite writes files with a hash in their names here: what is under such a name never changes.</summary>
    private const string HashedAssets = "/assets";

    private static readonly string[] NotPages = ["/api", "/internal", "/openapi", "/.well-known", "/health", "/alive", "/dapr", "/scalar"];

    public static void UseWebApp(this WebApplication app)
    {
        if (!app.Environment.WebRootFileProvider.GetFileInfo(Index).Exists) return;

        // Any address of the app is its one page; a middleware and not a fallback route, which would turn a wrong method into a 404.
        app.Use((context, next) =>
        {
            var request = context.Request;
            if (HttpMethods.IsGet(request.Method) && context.GetEndpoint() is null && !Path.HasExtension(request.Path.Value)
                && !Array.Exists(NotPages, prefix => request.Path.StartsWithSegments(prefix, StringComparison.OrdinalIgnoreCase)))
            {
                request.Path = Index;
            }
            return next(context);
        });
        app.UseStaticFiles(new StaticFileOptions { OnPrepareResponse = SetCaching });
    }

    private static void SetCaching(StaticFileResponseContext file) => file.Context.Response.Headers.CacheControl =
        file.Context.Request.Path.StartsWithSegments(HashedAssets) ? "public, max-age=31536000, immutable" : "no-cache";
}
