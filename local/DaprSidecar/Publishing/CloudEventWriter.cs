using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace TaskFlow.Local.DaprSidecar.Publishing;

/// <summary>What a publisher hands over, before it becomes a CloudEvent.</summary>
/// <param name="Source">The publishing app.</param>
/// <param name="PubSub">The component's name.</param>
/// <param name="Topic">The topic.</param>
/// <param name="ContentType">What the data is; empty counts as plain text.</param>
/// <param name="Data">The data as it came.</param>
/// <param name="TraceParent">Of the publish span; empty when nothing is traced.</param>
/// <param name="TraceState">Likewise.</param>
/// <param name="Metadata">May override parts of the envelope (<c>cloudevent.type</c> and so on).</param>
internal readonly record struct EventSource(
    string Source, string PubSub, string Topic, string ContentType, ReadOnlyMemory<byte> Data, string TraceParent, string TraceState, IReadOnlyDictionary<string, string> Metadata);

/// <summary>Writes the envelope that daprd puts around what apps publish: same fields, same values, keys in alphabetical order.</summary>
internal static class CloudEventWriter
{
    private const string DefaultType = "com.dapr.event.sent";
    private const string DefaultSource = "Dapr";
    private const string SpecVersion = "1.0";
    private const int MaxDepth = 512;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = MaxDepth + 8, SkipValidation = true };

    /// <summary>The envelope around the data, or the publisher's own one completed. Null when what claims to be a CloudEvent is none.</summary>
    public static byte[]? Write(in EventSource source) => ContentTypes.IsCloudEvent(source.ContentType) ? Complete(source) : Wrap(source);

    /// <summary>The envelope a subscriber of raw payloads gets.</summary>
    public static byte[] WrapRaw(ReadOnlySpan<byte> data, string topic, string pubSub, IReadOnlyDictionary<string, string> metadata)
    {
        var buffer = new ArrayBufferWriter<byte>(data.Length * 4 / 3 + 512);
        using var json = new Utf8JsonWriter(buffer, Options);
        json.WriteStartObject();
        json.WriteBase64String("data_base64"u8, data);
        json.WriteString("datacontenttype"u8, ContentTypes.Bytes);
        json.WriteString("id"u8, Guid.NewGuid());
        json.WriteString("pubsubname"u8, pubSub);
        json.WriteString("source"u8, DefaultSource);
        json.WriteString("specversion"u8, SpecVersion);
        json.WriteString("topic"u8, topic);
        var traceParent = metadata.GetValueOrDefault("traceparent") ?? metadata.GetValueOrDefault("traceid");
        if (traceParent is not null) json.WriteString("traceid"u8, traceParent);
        if (traceParent is not null) json.WriteString("traceparent"u8, traceParent);
        if (metadata.GetValueOrDefault("tracestate") is { } traceState) json.WriteString("tracestate"u8, traceState);
        json.WriteString("type"u8, DefaultType);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static byte[] Wrap(in EventSource source)
    {
        var contentType = source.ContentType.Length == 0 ? ContentTypes.Text : source.ContentType;
        var traceParent = Override(source, "traceparent") ?? Override(source, "traceid") ?? source.TraceParent;
        var buffer = new ArrayBufferWriter<byte>(source.Data.Length + 1024);
        using var json = new Utf8JsonWriter(buffer, Options);
        json.WriteStartObject();
        WriteData(json, contentType, source.Data.Span);
        json.WriteString("datacontenttype"u8, contentType);
        if (TimeToLive.Read(source.Metadata) is { } life) json.WriteString("expiration"u8, Rfc3339(DateTimeOffset.UtcNow + life));
        if (Override(source, "id") is { Length: > 0 } id) json.WriteString("id"u8, id);
        else json.WriteString("id"u8, Guid.NewGuid());
        json.WriteString("pubsubname"u8, source.PubSub);
        json.WriteString("source"u8, Override(source, "source") ?? source.Source);
        json.WriteString("specversion"u8, SpecVersion);
        if (Override(source, "subject") is { Length: > 0 } subject) json.WriteString("subject"u8, subject);
        json.WriteString("time"u8, Rfc3339(DateTimeOffset.UtcNow));
        json.WriteString("topic"u8, source.Topic);
        json.WriteString("traceid"u8, traceParent);
        json.WriteString("traceparent"u8, traceParent);
        json.WriteString("tracestate"u8, Override(source, "tracestate") ?? source.TraceState);
        json.WriteString("type"u8, Override(source, "type") ?? DefaultType);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The publisher's own fields stay; what Dapr adds are the topic, the component, the trace and the defaults of what is missing.</summary>
    private static byte[]? Complete(in EventSource source)
    {
        if (FirstJsonValue(source.Data.Span) is not { IsEmpty: false } text || text[0] != (byte)'{') return null;
        using var document = JsonDocument.Parse(text.ToArray(), new JsonDocumentOptions { MaxDepth = MaxDepth });
        // Of doubled fields the last one counts; the order is daprd's.
        var fields = new SortedDictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var property in document.RootElement.EnumerateObject()) fields[property.Name] = property.Value;
        var own = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["topic"] = source.Topic, ["pubsubname"] = source.PubSub };
        if (!fields.ContainsKey("time")) own["time"] = Rfc3339(DateTimeOffset.UtcNow);
        if (!fields.ContainsKey("traceid")) own["traceid"] = own["traceparent"] = source.TraceParent;
        if (!fields.ContainsKey("tracestate")) own["tracestate"] = source.TraceState;
        AddMissing("source", DefaultSource);
        AddMissing("type", DefaultType);
        AddMissing("specversion", SpecVersion);
        if (TimeToLive.Read(source.Metadata) is { } life) own["expiration"] = Rfc3339(DateTimeOffset.UtcNow + life);

        var buffer = new ArrayBufferWriter<byte>(text.Length + 512);
        using var json = new Utf8JsonWriter(buffer, Options);
        json.WriteStartObject();
        foreach (var name in fields.Keys.Union(own.Keys).Order(StringComparer.Ordinal))
        {
            if (own.TryGetValue(name, out var value))
            {
                json.WriteString(name, value);
            }
            else
            {
                json.WritePropertyName(name);
                fields[name].WriteTo(json);
            }
        }
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();

        void AddMissing(string name, string value)
        {
            if (!fields.TryGetValue(name, out var given) || given.ValueKind == JsonValueKind.Null) own[name] = value;
        }
    }

    private static void WriteData(Utf8JsonWriter json, string contentType, ReadOnlySpan<byte> data)
    {
        if (ContentTypes.IsCarriedAsBase64(contentType))
        {
            json.WriteBase64String("data_base64"u8, data);
            return;
        }
        json.WritePropertyName("data"u8);
        // What claims to be JSON and is none is carried as text.
        if (ContentTypes.IsJson(contentType) && FirstJsonValue(data) is { IsEmpty: false } value) json.WriteRawValue(value, skipInputValidation: true);
        else json.WriteStringValue(System.Text.Encoding.UTF8.GetString(data));
    }

    /// <summary>The first JSON value, and whatever follows it left out; empty when there is none.</summary>
    private static ReadOnlySpan<byte> FirstJsonValue(ReadOnlySpan<byte> data)
    {
        // Invalid UTF-8 would travel on into every reader.
        if (!System.Text.Unicode.Utf8.IsValid(data)) data = System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(data));
        var reader = new Utf8JsonReader(data, new JsonReaderOptions { MaxDepth = MaxDepth, AllowMultipleValues = true });
        try
        {
            if (!reader.Read()) return [];
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            return data[start..(int)reader.BytesConsumed];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static string? Override(in EventSource source, string attribute)
    {
        if (source.Metadata.Count == 0) return null;
        foreach (var (name, value) in source.Metadata)
        {
            if (name.Length == attribute.Length + 11 && name.StartsWith("cloudevent.", StringComparison.OrdinalIgnoreCase)
                && name.AsSpan(11).Equals(attribute, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }
        return null;
    }

    private static string Rfc3339(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
