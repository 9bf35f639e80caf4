using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using TaskFlow.Contracts;

namespace TaskFlow.Push.Connections;

/// <summary>Writes the server's own frames (docs/protocol.md).</summary>
internal static class Frames
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static byte[] Welcome(WelcomeFrame frame) => JsonSerializer.SerializeToUtf8Bytes(frame, TaskFlowJson.Relaxed.WelcomeFrame);
    public static byte[] Presence(PresenceFrame frame) => JsonSerializer.SerializeToUtf8Bytes(frame, TaskFlowJson.Relaxed.PresenceFrame);
    public static byte[] Heartbeat(long head) => JsonSerializer.SerializeToUtf8Bytes(new HeartbeatFrame(head), TaskFlowJson.Relaxed.HeartbeatFrame);
    public static byte[] Reset(string reason) => JsonSerializer.SerializeToUtf8Bytes(new ResetFrame(reason), TaskFlowJson.Relaxed.ResetFrame);
    public static byte[] GoAway(int retryAfterMs) => JsonSerializer.SerializeToUtf8Bytes(new GoAwayFrame(retryAfterMs), TaskFlowJson.Relaxed.GoAwayFrame);

    /// <summary>A refusal. <paramref name="reference"/> is the client's <c>ref</c> as it wrote it (a string or a number, as JSON).</summary>
    public static byte[] Error(string code, string message, byte[]? reference) => Write((code, message, reference), static (writer, frame) =>
    {
        writer.WriteString("type"u8, FrameTypes.Error);
        writer.WriteString("code"u8, frame.code);
        writer.WriteString("message"u8, frame.message);
        Reference(writer, frame.reference);
    });

    public static byte[] Pong(byte[]? reference) => Write(reference, static (writer, reference) =>
    {
        writer.WriteString("type"u8, FrameTypes.Pong);
        Reference(writer, reference);
    });

    public static byte[] Notification(byte[] notification) => Write(notification, static (writer, notification) =>
    {
        writer.WriteString("type"u8, FrameTypes.Notification);
        writer.WritePropertyName("notification"u8);
        writer.WriteRawValue(notification, skipInputValidation: true);
    });

    private static void Reference(Utf8JsonWriter writer, byte[]? reference)
    {
        if (reference is null) writer.WriteNull("ref"u8);
        else
        {
            writer.WritePropertyName("ref"u8);
            writer.WriteRawValue(reference, skipInputValidation: true);
        }
    }

    private static byte[] Write<TState>(TState state, Action<Utf8JsonWriter, TState> write)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, Relaxed))
        {
            writer.WriteStartObject();
            write(writer, state);
            writer.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }
}
