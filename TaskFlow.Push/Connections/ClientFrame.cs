using System.Text.Json;
using TaskFlow.Contracts;

namespace TaskFlow.Push.Connections;

internal enum ClientFrameKind { Ping, PresenceJoin, PresenceLeave, PresenceTyping, PresenceHeartbeat, Auth, Ack }

/// <summary>A frame from a client. <see cref="Ref"/> is kept as the client wrote it, to be given back.</summary>
internal readonly record struct ClientFrame(ClientFrameKind Kind, byte[]? Ref, Guid TaskId, bool Typing, string? Token, long Seq)
{
    private const int MaxRefLength = 256;

    /// <summary>Reads a frame; on a bad one says what is wrong with it, with the <c>ref</c> as far as it could be read.</summary>
    public static bool TryParse(ReadOnlySpan<byte> json, out ClientFrame frame, out string problem)
    {
        frame = default;
        try { return TryRead(json, ref frame, out problem); }
        catch (Exception error) when (error is JsonException or FormatException or InvalidOperationException)
        {
            problem = "The frame is not JSON as the protocol has it.";
            return false;
        }
    }

    private static bool TryRead(ReadOnlySpan<byte> json, ref ClientFrame frame, out string problem)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 8 });
        problem = "A frame is a JSON object.";
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return false;
        string? type = null, token = null;
        Guid? task = null;
        bool? typing = null;
        long? seq = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("type"u8)) { reader.Read(); type = reader.GetString(); }
            else if (reader.ValueTextEquals("ref"u8))
            {
                reader.Read();
                var raw = json[(int)reader.TokenStartIndex..(int)reader.BytesConsumed];
                problem = $"ref is a string or a number of at most {MaxRefLength} bytes.";
                if (reader.TokenType == JsonTokenType.Null) continue;
                if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Number) || raw.Length > MaxRefLength) return false;
                if (reader.TokenType == JsonTokenType.String) _ = reader.GetString(); // Throws on unpaired surrogates, which could not be given back.
                frame = frame with { Ref = raw.ToArray() };
            }
            else if (reader.ValueTextEquals("taskId"u8)) { reader.Read(); task = reader.TokenType == JsonTokenType.Null ? null : reader.GetGuid(); }
            else if (reader.ValueTextEquals("typing"u8)) { reader.Read(); typing = reader.TokenType == JsonTokenType.Null ? null : reader.GetBoolean(); }
            else if (reader.ValueTextEquals("token"u8)) { reader.Read(); token = reader.GetString(); }
            else if (reader.ValueTextEquals("seq"u8)) { reader.Read(); seq = reader.TokenType == JsonTokenType.Null ? null : reader.GetInt64(); }
            else { reader.Read(); reader.Skip(); }
        }
        if (reader.Read()) return false;
        ClientFrameKind? kind = type switch
        {
            FrameTypes.Ping => ClientFrameKind.Ping,
            FrameTypes.PresenceJoin => ClientFrameKind.PresenceJoin,
            FrameTypes.PresenceLeave => ClientFrameKind.PresenceLeave,
            FrameTypes.PresenceTyping => ClientFrameKind.PresenceTyping,
            FrameTypes.PresenceHeartbeat => ClientFrameKind.PresenceHeartbeat,
            FrameTypes.Auth => ClientFrameKind.Auth,
            AckType => ClientFrameKind.Ack,
            _ => null,
        };
        problem = type is null ? "A frame has a type." : "This type of frame is unknown.";
        if (kind is null) return false;
        problem = "taskId is missing or no id.";
        if (kind is ClientFrameKind.PresenceJoin or ClientFrameKind.PresenceLeave or ClientFrameKind.PresenceTyping && task is null) return false;
        problem = "typing is true or false.";
        if (kind is ClientFrameKind.PresenceTyping && typing is null) return false;
        problem = "token is missing.";
        if (kind is ClientFrameKind.Auth && string.IsNullOrEmpty(token)) return false;
        problem = "seq is missing.";
        if (kind is ClientFrameKind.Ack && seq is null) return false;
        problem = "";
        frame = new ClientFrame(kind.Value, frame.Ref, task ?? default, typing ?? false, token, seq ?? 0);
        return true;
    }

    /// <summary>Optional: <c>{"type":"ack","seq":N}</c> measures the way to the browser. It changes nothing else.</summary>
    private const string AckType = "ack";
}
