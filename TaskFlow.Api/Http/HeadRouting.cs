using Microsoft.Net.Http.Headers;

namespace TaskFlow.Api.Http;

internal static class HeadRouting
{
    /// <summary>
    /// Routes, and a HEAD as the GET that it asks about: routes are mapped for GET and described once. Behind this it is a HEAD again; the server sends no
    /// body whatever a handler writes.
    /// </summary>
    public static void UseRoutingOfHead(this WebApplication app)
    {
        app.Use((context, next) =>
        {
            if (HttpMethods.IsHead(context.Request.Method))
            {
                context.Features.Set(Head.Instance);
                context.Request.Method = HttpMethods.Get;
            }
            return next(context);
        });
        app.UseRouting();
        app.Use((context, next) =>
        {
            if (context.Features.Get<Head>() is not null) context.Request.Method = HttpMethods.Head;
            return next(context);
        });
    }

    /// <summary>Names HEAD in the Allow of a 405 as well, where routing names GET: it knows only what was mapped.</summary>
    public static void AllowWithGet(HttpResponse response)
    {
        if (response.StatusCode != StatusCodes.Status405MethodNotAllowed) return;
        var allowed = response.Headers.GetCommaSeparatedValues(HeaderNames.Allow);
        if (allowed.Contains(HttpMethods.Get) && !allowed.Contains(HttpMethods.Head)) response.Headers.Allow = string.Join(", ", allowed.Append(HttpMethods.Head));
    }

    /// <summary>The request is a HEAD whatever its method says.</summary>
    private sealed class Head
    {
        public static readonly Head Instance = new();
    }
}
