using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;

namespace TaskFlow.Api.Http;

/// <summary>Serves the built web app from wwwroot where there is one (production); in development Vite does.</summary>
internal static class WebApp
{
    private const string Index = "/index.html";

    /// <summary>Vite writes files with a hash in their names here: what is under such a name never changes.</summary>
    private const string HashedAssets = "/assets";

    /// <summary>Vite leaves smaller copies beside the files that are worth it; best first.</summary>
    private static readonly (string Name, string Extension)[] Encodings = [("br", ".br"), ("gzip", ".gz")];

    private static readonly FileExtensionContentTypeProvider ContentTypes = new() { Mappings = { [".br"] = "application/octet-stream" } };

    private static readonly string[] NotPages = ["/api", "/internal", "/openapi", "/.well-known", "/health", "/alive", "/dapr", "/scalar"];

    public static void UseWebApp(this WebApplication app)
    {
        if (!app.Environment.WebRootFileProvider.GetFileInfo(Index).Exists) return;

        // Any address of the app is its one page; a middleware and not a fallback route, which would turn a wrong method into a 404.
        app.Use((context, next) =>
        {
            var request = context.Request;
            if (IsRead(request) && context.GetEndpoint() is null && !Path.HasExtension(request.Path.Value)
                && !Array.Exists(NotPages, prefix => request.Path.StartsWithSegments(prefix, StringComparison.OrdinalIgnoreCase)))
            {
                request.Path = Index;
            }
            return context.GetEndpoint() is null ? SendSmallerCopyAsync(context, next, app.Environment.WebRootFileProvider) : next(context);
        });
        app.UseStaticFiles(new StaticFileOptions { OnPrepareResponse = SetHeaders, ContentTypeProvider = ContentTypes });
    }

    /// <summary>Compressed once when built, not for each request: nothing here is worth the time of a processor.</summary>
    private static Task SendSmallerCopyAsync(HttpContext context, RequestDelegate next, IFileProvider files)
    {
        var request = context.Request;
        if (!IsRead(request)) return next(context);
        foreach (var (name, extension) in Encodings)
        {
            if (!Accepts(request, name) || !files.GetFileInfo(request.Path + extension).Exists) continue;
            request.Path += extension;
            context.Response.Headers.ContentEncoding = name;
            break;
        }
        return next(context);
    }

    private static bool IsRead(HttpRequest request) => HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);

    private static bool Accepts(HttpRequest request, string encoding) =>
        request.GetTypedHeaders().AcceptEncoding.Any(each => each.Value.Equals(encoding, StringComparison.OrdinalIgnoreCase) && each.Quality is null or > 0);

    private static void SetHeaders(StaticFileResponseContext file)
    {
        var response = file.Context.Response;
        var path = file.Context.Request.Path;
        var name = response.Headers.ContentEncoding.Count == 0 ? file.File.Name : Path.GetFileNameWithoutExtension(file.File.Name);
        if (ContentTypes.TryGetContentType(name, out var type)) response.ContentType = type;
        response.Headers.Vary = "Accept-Encoding";
        response.Headers.CacheControl = path.StartsWithSegments(HashedAssets) ? "public, max-age=31536000, immutable" : "no-cache";
    }
}
