using TaskFlow.Contracts;

namespace TaskFlow.Push.Connections;

/// <summary>Why a connection ends: the WebSocket close code, and the code of the last error frame on an event stream.</summary>
internal sealed record CloseReason(int Code, string ErrorCode, string Message)
{
    public static readonly CloseReason Drain = new(CloseCodes.Drain, ErrorCodes.Unavailable, "This instance stops: reconnect.");
    public static readonly CloseReason TooLarge = new(CloseCodes.TooLarge, ErrorCodes.TooLarge, "A frame may have 64 KB.");
    public static readonly CloseReason BadFrames = new(CloseCodes.BadFrames, ErrorCodes.ValidationFailed, "Too many bad frames.");
    public static readonly CloseReason Expired = new(CloseCodes.Unauthorized, ErrorCodes.Unauthorized, "The last token was shown too long ago: get a new one and reconnect.");
    public static readonly CloseReason Revoked = new(CloseCodes.Unauthorized, ErrorCodes.Unauthorized, "The session was revoked: log in again.");
    public static readonly CloseReason NotMember = new(CloseCodes.Forbidden, ErrorCodes.Forbidden, "You are no longer a member of this workspace, or it was deleted.");
    public static readonly CloseReason Flood = new(CloseCodes.RateLimited, ErrorCodes.RateLimited, "Too many frames: 30 a second.");
    public static readonly CloseReason Idle = new(CloseCodes.Idle, ErrorCodes.Unavailable, "Nothing was heard of this client for too long: reconnect.");
}
