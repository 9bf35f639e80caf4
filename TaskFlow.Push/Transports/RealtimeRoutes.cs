using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using TaskFlow.Push.Connections;

namespace TaskFlow.Push.Transports;

/// <summary>The routes under <c>/realtime/{ws}</c> that open a stream.</summary>
internal static class RealtimeRoutes
{
    public static void MapRealtime(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/realtime/{ws}").RequireCors().WithTags("Real-time")
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(429).ProducesProblem(503);
        group.MapGet("/ws", OpenWebSocketAsync).WithSummary("Opens a WebSocket").Produces(101).ProducesProblem(426);
        group.MapGet("/sse", OpenEventStreamAsync).WithSummary("Opens an event stream (text/event-stream)").Produces(200, contentType: "text/event-stream");
        group.MapGet("/poll", PollRoutes.PollAsync).WithSummary("Long poll: answers when there is something after the given seq");
        group.MapPost("/send", SendRoute.SendAsync).WithSummary("Frames from a client on an event stream or long poll").Produces(202)
            .ProducesProblem(404).ProducesProblem(413).ProducesProblem(415);
    }

    private static async Task<Results<EmptyHttpResult, ProblemHttpResult>> OpenWebSocketAsync(HttpContext context, Gate gate, PushServices services, string ws, string? after = null, string? epoch = null)
    {
        var (caller, workspace, refusal) = await gate.IdentifyAsync(context, ws, isNew: true);
        if (caller is null) return refusal!;
        var upgrade = context.Features.Get<IHttpUpgradeFeature>();
        if (AcceptKey(context.Request) is not { } accept || upgrade?.IsUpgradableRequest != true) return Problems.UpgradeRequired(context);
        var (log, plan, notAdmitted) = await gate.AdmitAsync(context, caller, workspace, after, epoch);
        if (log is null) return notAdmitted!;
        if (gate.Enter(context, caller, log) is { } tooMany) return tooMany;

        var entered = true;
        try
        {
            var extension = services.Options.Compression ? CompressionOffer.Answer(context.Request.Headers.SecWebSocketExtensions) : null;
            if (extension is not null) context.Response.Headers.SecWebSocketExtensions = extension;
            context.Response.Headers.SecWebSocketAccept = accept;
            context.Response.Headers.Connection = "Upgrade";
            context.Response.Headers.Upgrade = "websocket";
            var stream = await upgrade.UpgradeAsync();
            entered = false;
            await Takeover.HandOverAsync(context, new WebSocketConnection(services, log, caller, plan, compressed: extension is not null), stream);
        }
        finally
        {
            if (entered) services.Sessions.Left(caller.UserId, caller.SessionId);
        }
        return TypedResults.Empty;
    }

    private static async Task<Results<EmptyHttpResult, ProblemHttpResult>> OpenEventStreamAsync(HttpContext context, Gate gate, PushServices services, string ws, string? after = null, string? epoch = null)
    {
        var (caller, workspace, refusal) = await gate.IdentifyAsync(context, ws, isNew: true);
        if (caller is null) return refusal!;
        string? lastEventId = context.Request.Headers["Last-Event-ID"];
        var (log, plan, notAdmitted) = await gate.AdmitAsync(context, caller, workspace, string.IsNullOrEmpty(lastEventId) ? after : lastEventId, epoch);
        if (log is null) return notAdmitted!;
        if (gate.Enter(context, caller, log) is { } tooMany) return tooMany;

        var entered = true;
        try
        {
            var response = context.Response;
            response.ContentType = "text/event-stream";
            response.Headers.CacheControl = "no-cache, no-transform";
            response.Headers["X-Accel-Buffering"] = "no"; // Tells nginx, the most common proxy that would hold events back.
            var direct = Takeover.WillPassKestrelBy(context);
            if (direct) response.Headers.Connection = "close";
            await response.StartAsync(context.RequestAborted);
            await response.Body.FlushAsync(context.RequestAborted);
            entered = false;
            var framing = direct && Microsoft.AspNetCore.Http.HttpProtocol.IsHttp11(context.Request.Protocol) ? Framing.SseChunked : Framing.Sse;
            await Takeover.HandOverAsync(context, new SseConnection(services, log, caller, framing, plan), upgraded: null);
        }
        finally
        {
            if (entered) services.Sessions.Left(caller.UserId, caller.SessionId);
        }
        return TypedResults.Empty;
    }

    /// <summary>RFC 6455, 4.2.2: what proves that the handshake was understood; null when it is not a valid one.</summary>
    private static string? AcceptKey(HttpRequest request)
    {
        string? key = request.Headers.SecWebSocketKey;
        if (request.Headers.SecWebSocketVersion != "13" || key is not { Length: 24 }) return null;
        if (!"websocket".Equals(request.Headers.Upgrade, StringComparison.OrdinalIgnoreCase)) return null;
        Span<byte> nonce = stackalloc byte[18];
        if (!Convert.TryFromBase64String(key, nonce, out var length) || length != 16) return null;
#pragma warning disable CA5350 // The protocol prescribes SHA-1; nothing rests on its strength.
        return Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
    }
}
