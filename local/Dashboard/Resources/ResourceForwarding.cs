using System.Net;

namespace TaskFlow.Local.Dashboard.Resources;

/// <summary>Answers <c>/api/resources*</c> with what the AppHost's resource service says.</summary>
internal static class ResourceForwarding
{
    public static void MapResourceApi(this IEndpointRouteBuilder app)
    {
        app.MapMethods("/api/resources", ["GET"], Forward);
        app.MapMethods("/api/resources/{**path}", ["GET", "POST"], Forward);
    }

    private static async Task Forward(HttpContext context, ResourceClient resources)
    {
        if (!resources.IsConfigured)
        {
            await Problem(context, HttpStatusCode.ServiceUnavailable, "The dashboard was started without an AppHost: it has no resources, telemetry only.");
            return;
        }
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method),
            $"{context.Request.Path.ToUriComponent()}{context.Request.QueryString}");
        if (HttpMethods.IsPost(context.Request.Method))
        {
            request.Content = new StreamContent(context.Request.Body);
            if (context.Request.ContentType is { } type) request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }
        HttpResponseMessage response;
        try
        {
            response = await resources.SendAsync(request, context.RequestAborted);
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException && !context.RequestAborted.IsCancellationRequested)
        {
            await Problem(context, HttpStatusCode.BadGateway, "The AppHost does not answer: it has stopped, or is just starting.");
            return;
        }
        using (response)
        {
            context.Response.StatusCode = (int)response.StatusCode;
            context.Response.ContentType = response.Content.Headers.ContentType?.ToString();
            context.Response.ContentLength = response.Content.Headers.ContentLength;
            await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
        }
    }

    private static Task Problem(HttpContext context, HttpStatusCode status, string detail) =>
        TypedResults.Problem(detail, statusCode: (int)status).ExecuteAsync(context);
}
