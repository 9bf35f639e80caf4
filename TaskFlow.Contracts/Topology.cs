using System.Buffers.Text;

namespace TaskFlow.Contracts;

/// <summary>Names that more than one process must agree on: resources, Dapr names, routes between services, headers, settings.</summary>
public static class Topology
{
    /// <summary>Resource names of the AppHost; also the Dapr app ids of the two services.</summary>
    public static class Resources
    {
        /// <summary>The PostgreSQL server.</summary>
        public const string Postgres = "postgres";

        /// <summary>The database, and the name of its connection string.</summary>
        public const string Database = "taskflow";

        /// <summary>The Redis server, and the name of its connection string.</summary>
        public const string Redis = "redis";

        /// <summary>The HTTP API, and its Dapr app id.</summary>
        public const string Api = "api";

        /// <summary>The push service, and its Dapr app id.</summary>
        public const string Push = "push";

        /// <summary>The web app.</summary>
        public const string Web = "web";
    }

    /// <summary>The Dapr pub/sub component (components/pubsub.yaml).</summary>
    public const string PubSub = "pubsub";

    /// <summary>The topic on which Api publishes every committed change, as an <see cref="EventMessage"/>.</summary>
    public const string EventsTopic = "workspace-events";

    /// <summary>Where a message goes whose delivery failed for good; Push consumes it and repairs from the feed.</summary>
    public const string DeadLetterTopic = "workspace-events-dead";

    /// <summary>Routes that services call on each other. Routes for people and browsers are in docs/protocol.md.</summary>
    public static class Routes
    {
        /// <summary>Push: the subscription to <see cref="EventsTopic"/>, called by the sidecar.</summary>
        public const string EventsSubscription = "/events/workspace";

        /// <summary>Push: the subscription to <see cref="DeadLetterTopic"/>, called by the sidecar.</summary>
        public const string DeadLetterSubscription = "/events/dead-letter";

        /// <summary>Api: all routes below here take the service key and nothing else.</summary>
        public const string Internal = "/internal";

        /// <summary>Api: <c>GET ?after=N&amp;limit=M</c> answers a <see cref="FeedPage"/>.</summary>
        public static string Feed(Guid workspaceId) => $"{Internal}/workspaces/{workspaceId}/feed";

        /// <summary>Api: 204 when the task exists in that workspace, else 404.</summary>
        public static string TaskExists(Guid workspaceId, Guid taskId) => $"{Internal}/workspaces/{workspaceId}/tasks/{taskId}";

        /// <summary>Api: <c>POST</c> <see cref="HeadsRequest"/> answers <see cref="HeadsResponse"/>.</summary>
        public const string Heads = Internal + "/heads";

        /// <summary>Api: the public signing keys (RFC 7517).</summary>
        public const string Jwks = "/.well-known/jwks.json";
    }

    /// <summary>HTTP headers of our own.</summary>
    public static class Headers
    {
        /// <summary>The credential of Push towards Api's internal routes.</summary>
        public const string ServiceKey = "X-Service-Key";
    }

    /// <summary>Configuration keys that the AppHost and deployments set on the services.</summary>
    public static class Settings
    {
        /// <summary>The service key that Push sends and Api accepts.</summary>
        public const string ServiceKey = "ServiceKey";

        /// <summary>A second service key that Api accepts while keys rotate.</summary>
        public const string ServiceKeyPrevious = "ServiceKeyPrevious";

        /// <summary>Api: the secret under which private signing keys are encrypted in the database.</summary>
        public const string KeyEncryptionSecret = "KeyEncryptionSecret";

        /// <summary>A second port on which only the sidecar calls, where the platform gives it no token (Azure Container Apps); unset otherwise.</summary>
        public const string DaprAppPort = "DaprAppPort";

        /// <summary>The push service's address as browsers see it.</summary>
        public const string PublicPushUrl = "PublicUrls:Push";

        /// <summary>The web app's address as browsers see it: the one allowed origin.</summary>
        public const string PublicWebUrl = "PublicUrls:Web";

        /// <summary>Addresses and networks (comma-separated) of the proxies in front of Api whose forwarded headers count; none unless set.</summary>
        public const string KnownProxies = "ForwardedHeaders:KnownProxies";
    }

    /// <summary>Redis channels (plain pub/sub: nothing is kept, nothing is lost that Postgres does not hold).</summary>
    public static class Channels
    {
        /// <summary>Every committed event of a workspace, as <see cref="EventMessage"/> JSON. Subscribed only while clients are connected there.</summary>
        public static string Events(Guid workspaceId) => $"workspace:{workspaceId}:events";

        /// <summary>The workspace whose events that channel (UTF-8) brings; false when it is another channel.</summary>
        public static bool TryReadEvents(ReadOnlySpan<byte> channel, out Guid workspaceId)
        {
            workspaceId = default;
            return channel.StartsWith("workspace:"u8) && channel.EndsWith(":events"u8)
                && Utf8Parser.TryParse(channel["workspace:".Length..], out workspaceId, out var length) && "workspace:".Length + length + ":events".Length == channel.Length;
        }

        /// <summary>A task's id (text) whenever who is on it has changed; receivers read the sorted sets.</summary>
        public static string Presence(Guid workspaceId) => $"workspace:{workspaceId}:presence";

        /// <summary>Frames for a connection that lives on another Push instance.</summary>
        public static string Instance(string instanceId) => $"push:{instanceId}:frames";

        /// <summary>The id (text) of a session that has just been revoked. The bulk heads request says it too, without Redis.</summary>
        public const string SessionsRevoked = "sessions:revoked";
    }
}
