namespace TaskFlow.Contracts;

/// <summary>What Api writes into its JWTs and both services check (RS256, keys at <see cref="Topology.Routes.Jwks"/>).</summary>
public static class TokenNames
{
    /// <summary>The issuer of every token.</summary>
    public const string Issuer = "taskflow";

    /// <summary>Audience of access tokens: good for Api, and for opening real-time connections.</summary>
    public const string AccessAudience = "taskflow";

    /// <summary>Audience of realtime tokens: good for real-time connections to the workspace in <see cref="WorkspaceClaim"/>, nothing else.</summary>
    public const string RealtimeAudience = "taskflow-realtime";

    /// <summary>Claim: the user's id.</summary>
    public const string SubjectClaim = "sub";

    /// <summary>Claim: the session's id; its revocation ends the token.</summary>
    public const string SessionClaim = "sid";

    /// <summary>Claim: the user's name.</summary>
    public const string NameClaim = "name";

    /// <summary>Claim: the one workspace of a realtime token.</summary>
    public const string WorkspaceClaim = "ws";
}
