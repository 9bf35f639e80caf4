namespace TaskFlow.Api.Http;

internal static class HttpConventions
{
    /// <summary>What every route shares: JSON, problem details, limits.</summary>
    public static void AddHttpConventions(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<SecretBox>();
        services.ConfigureHttpJsonOptions(json => ApiJson.Configure(json.SerializerOptions));
        // The exception names the field; otherwise binding would end in an empty 400.
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.AddExceptionHandler<ProblemExceptionHandler>();
        services.AddProblemDetails();
    }

    public static void UseHttpConventions(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages(pages => Problems.ForStatus(pages.HttpContext.Response.StatusCode) is { } problem
            ? ProblemExceptionHandler.WriteAsync(pages.HttpContext, problem)
            : Task.CompletedTask);
        app.UseRouting();
    }
}
