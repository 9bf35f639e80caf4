using Microsoft.AspNetCore.Http.HttpResults;
using TaskFlow.Api.Access;
using TaskFlow.Api.Auth;
using TaskFlow.Api.Http;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Workspaces;

internal static class RealtimeTokens
{
    public static Ok<RealtimeToken> Create(Membership membership, CurrentUser user, AccessTokens tokens, IConfiguration configuration) =>
        TypedResults.Ok(new RealtimeToken(tokens.ForRealtime(user, membership.WorkspaceId), (int)AccessTokens.RealtimeLifetime.TotalSeconds,
            Url(configuration[Topology.Settings.PublicPushUrl], membership.WorkspaceId)));

    /// <summary>Push's WebSocket address of the workspace.</summary>
    private static string Url(string? pushUrl, Guid workspaceId)
    {
        if (!Uri.TryCreate(pushUrl, UriKind.Absolute, out var push)) throw new InvalidOperationException($"{Topology.Settings.PublicPushUrl} is not set.");
        var scheme = push.Scheme == Uri.UriSchemeHttps ? "wss" : "ws";
        return $"{scheme}://{push.Authority}{push.AbsolutePath.TrimEnd('/')}/realtime/{workspaceId}/ws";
    }
}
