namespace TaskFlow.Contracts;

/// <summary>Stable codes of problem details and of <see cref="ErrorFrame"/>.</summary>
public static class ErrorCodes
{
    /// <summary>400: the request does not fit the contract; <c>errors</c> says where. Do not retry unchanged.</summary>
    public const string ValidationFailed = "validation_failed";

    /// <summary>401: no, a wrong or an expired credential. Retry with a fresh one.</summary>
    public const string Unauthorized = "unauthorized";

    /// <summary>403: known, but not allowed. Do not retry.</summary>
    public const string Forbidden = "forbidden";

    /// <summary>404: not there, or not for this caller to know.</summary>
    public const string NotFound = "not_found";

    /// <summary>409: against the present state. Look again before retrying.</summary>
    public const string Conflict = "conflict";

    /// <summary>412: If-Match named another version; <c>current</c> has the task.</summary>
    public const string VersionMismatch = "version_mismatch";

    /// <summary>429: retry after Retry-After.</summary>
    public const string RateLimited = "rate_limited";

    /// <summary>413: over a size limit. Do not retry unchanged.</summary>
    public const string TooLarge = "too_large";

    /// <summary>503: a dependency is away; retry after Retry-After.</summary>
    public const string Unavailable = "unavailable";

    /// <summary>405: that path has no such method.</summary>
    public const string MethodNotAllowed = "method_not_allowed";

    /// <summary>415: the body is not JSON.</summary>
    public const string UnsupportedMediaType = "unsupported_media_type";

    /// <summary>410: it was there and is used up, revoked or expired.</summary>
    public const string Gone = "gone";
}

/// <summary>WebSocket close codes (docs/protocol.md says which to retry).</summary>
public static class CloseCodes
{
    /// <summary>The instance drains: reconnect.</summary>
    public const int Drain = 1001;

    /// <summary>A frame over 64 KB. Do not send it again.</summary>
    public const int TooLarge = 1009;

    /// <summary>The fifth bad frame. A defect of the client.</summary>
    public const int BadFrames = 4400;

    /// <summary>Token expired or session revoked: get a new token first.</summary>
    public const int Unauthorized = 4401;

    /// <summary>No longer a member: do not reconnect.</summary>
    public const int Forbidden = 4403;

    /// <summary>No frame, no pong or no write progress for 60 s: reconnect.</summary>
    public const int Idle = 4408;

    /// <summary>Too many frames: reconnect with backoff.</summary>
    public const int RateLimited = 4429;
}
