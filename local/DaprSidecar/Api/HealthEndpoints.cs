using TaskFlow.Local.DaprSidecar.Delivery;
using TaskFlow.Local.DaprSidecar.Startup;

namespace TaskFlow.Local.DaprSidecar.Api;

internal static class HealthEndpoints
{
    /// <summary>Ready once the app has been there; a Redis that went away later changes nothing, as with daprd.</summary>
    public static IResult Healthz(SidecarOptions options, DeliveryService delivery, string? appid)
    {
        if (!delivery.IsReady) return HttpApi.Error(StatusCodes.Status500InternalServerError, "ERR_HEALTH_NOT_READY", "dapr is not ready: [app]");
        return appid is not null && appid != options.AppId
            ? HttpApi.Error(StatusCodes.Status500InternalServerError, "ERR_HEALTH_APPID_NOT_MATCH", "dapr app-id does not match")
            : TypedResults.NoContent();
    }

    /// <summary>Ready to publish: from the start, whether or not the app listens yet.</summary>
    public static IResult Outbound() => TypedResults.NoContent();

    public static IResult Shutdown(IHostApplicationLifetime lifetime)
    {
        lifetime.StopApplication();
        return TypedResults.NoContent();
    }
}
