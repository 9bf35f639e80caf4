using System.Globalization;
using System.Text.Json;

namespace TaskFlow.Local.DaprSidecar.Delivery;

/// <summary>What a delivery must know of a CloudEvent; the rest goes to the app unread.</summary>
internal readonly record struct ReceivedEvent(string Id, string TraceParent, string TraceState, string Expiration)
{
    /// <summary>Null when the data is not one JSON object, so no CloudEvent.</summary>
    public static ReceivedEvent? TryRead(ReadOnlySpan<byte> data)
    {
        string id = "", traceParent = "", traceId = "", traceState = "", expiration = "";
        var reader = new Utf8JsonReader(data, new JsonReaderOptions { MaxDepth = 512 });
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("id"u8)) id = Text(ref reader);
                else if (reader.ValueTextEquals("traceparent"u8)) traceParent = Text(ref reader);
                else if (reader.ValueTextEquals("traceid"u8)) traceId = Text(ref reader);
                else if (reader.ValueTextEquals("tracestate"u8)) traceState = Text(ref reader);
                else if (reader.ValueTextEquals("expiration"u8)) expiration = Text(ref reader);
                else
                {
                    reader.Read();
                    reader.Skip();
                }
            }
            // Something behind the object, which only a raw message can have.
            if (reader.Read()) return null;
            return new ReceivedEvent(id, traceParent.Length > 0 ? traceParent : traceId, traceState, expiration);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    public bool HasExpired(DateTimeOffset now) =>
        Expiration.Length > 0 && DateTimeOffset.TryParse(Expiration, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var end) && end < now;

    private static string Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String) return reader.GetString() ?? "";
        reader.Skip();
        return "";
    }
}
