using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace TaskFlow.ServiceDefaults;

/// <summary>Liveness and readiness. What is degraded is named in the body, with 200: only what is unhealthy takes an instance out of service.</summary>
internal static class Health
{
    public static void MapHealth(this WebApplication app)
    {
        // As text: a service may know the JSON of its own types only.
        app.MapMethods("/alive", ["GET", "HEAD"], () => TypedResults.Text("""{"status":"alive"}""", "application/json")).AllowAnonymous().ExcludeFromDescription();
        app.MapHealthChecks("/health", new HealthCheckOptions { ResponseWriter = Write }).AllowAnonymous().KeepOutOfTraces();
    }

    private static Task Write(HttpContext context, HealthReport report)
    {
        var checks = new JsonObject();
        foreach (var (name, entry) in report.Entries)
        {
            checks[name] = new JsonObject { ["status"] = Name(entry.Status), ["description"] = entry.Description };
        }
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(new JsonObject { ["status"] = Name(report.Status), ["checks"] = checks }.ToJsonString(), context.RequestAborted);
    }

    private static string Name(HealthStatus status) => status.ToString().ToLowerInvariant();
}
