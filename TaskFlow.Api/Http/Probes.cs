namespace TaskFlow.Api.Http;

/// <summary>The health routes: asked every second by whatever runs us, so neither counted nor held back.</summary>
internal static class Probes
{
    public static bool IsProbe(HttpContext context) => context.Request.Path.StartsWithSegments("/health") || context.Request.Path.StartsWithSegments("/alive");
}
