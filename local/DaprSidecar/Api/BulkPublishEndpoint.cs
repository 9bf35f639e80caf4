using System.Text;
using System.Text.Json;
using TaskFlow.Local.DaprSidecar.Publishing;
using TaskFlow.Local.DaprSidecar.Telemetry;

namespace TaskFlow.Local.DaprSidecar.Api;

/// <summary><c>POST /v1.0/publish/bulk/{pubsub}/{topic}</c>: many events in one call, published together or not at all.</summary>
internal static class BulkPublishEndpoint
{
    public static async Task<IResult> HandleAsync(string pubSub, string? topic, HttpRequest request, Publisher publisher, CancellationToken cancellationToken)
    {
        topic ??= "";
        BulkPublishEntry[] entries = [];
        try
        {
            publisher.Check(pubSub, topic);
            var metadata = HttpApi.MetadataOf(request);
            var body = await RequestBody.ReadAsync(request, pubSub, topic, cancellationToken);
            entries = Parse(body, pubSub, topic);
            var messages = entries.Select(entry => Message(entry, metadata, pubSub, topic)).ToList();
            CheckIds(entries.Select(entry => entry.EntryId), pubSub, topic);
            await publisher.PublishAsync(pubSub, topic, messages, metadata, TraceHeaders.Of(request.Headers), cancellationToken);
            return TypedResults.NoContent();
        }
        catch (PublishException error) when (error.ErrorCode == "ERR_PUBSUB_PUBLISH_MESSAGE" && entries.Length > 0)
        {
            var failed = entries.Select(entry => new FailedEntry(entry.EntryId!, error.Message)).ToList();
            return TypedResults.Json(new BulkPublishAnswer(failed, error.ErrorCode), ApiJson.Default.BulkPublishAnswer, statusCode: error.HttpStatus);
        }
        catch (PublishException error)
        {
            return HttpApi.Error(error);
        }
    }

    public static void CheckIds(IEnumerable<string?> ids, string pubSub, string topic)
    {
        var seen = new HashSet<string>();
        foreach (var id in ids)
        {
            if (string.IsNullOrEmpty(id) || !seen.Add(id)) throw PublishException.BadEntryId(pubSub, topic);
        }
    }

    /// <summary>An entry's own metadata beats the request's, which counts only for entries that have some: daprd's rule.</summary>
    public static IReadOnlyDictionary<string, string> Merge(IReadOnlyDictionary<string, string> ofRequest, IReadOnlyDictionary<string, string>? ofEntry)
    {
        if (ofEntry is null) return new Dictionary<string, string>();
        var merged = new Dictionary<string, string>(ofRequest);
        foreach (var (name, value) in ofEntry) merged[name] = value;
        return merged;
    }

    private static BulkPublishEntry[] Parse(ReadOnlyMemory<byte> body, string pubSub, string topic)
    {
        try
        {
            return JsonSerializer.Deserialize(body.Span, ApiJson.Default.BulkPublishEntryArray) is { } entries && Array.TrueForAll(entries, entry => entry is not null)
                ? entries
                : throw PublishException.BadEntries(pubSub, topic, "the body must be a list of entries");
        }
        catch (JsonException error)
        {
            throw PublishException.BadEntries(pubSub, topic, error.Message);
        }
    }

    private static OutgoingMessage Message(BulkPublishEntry entry, Dictionary<string, string> metadata, string pubSub, string topic)
    {
        var contentType = entry.ContentType ?? "";
        return new OutgoingMessage(contentType, Data(entry.Event, contentType, pubSub, topic), Merge(metadata, entry.Metadata));
    }

    private static byte[] Data(JsonElement value, string contentType, string pubSub, string topic)
    {
        if (ContentTypes.IsJson(contentType) || ContentTypes.IsCloudEvent(contentType))
        {
            return value.ValueKind == JsonValueKind.Undefined ? "null"u8.ToArray() : Encoding.UTF8.GetBytes(value.GetRawText());
        }
        if (value.ValueKind == JsonValueKind.String && ContentTypes.IsText(contentType)) return Encoding.UTF8.GetBytes(value.GetString()!);
        if (value.ValueKind == JsonValueKind.String && ContentTypes.IsBytes(contentType))
        {
            return value.TryGetBytesFromBase64(out var bytes) ? bytes : throw PublishException.BadEntryData(pubSub, topic, "error: unable to decode base64 application/octet-stream data");
        }
        throw PublishException.BadEntryData(pubSub, topic, "error: mismatch between contentType and event");
    }
}
