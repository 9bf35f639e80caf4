using System.Text.Json;
using TaskFlow.Contracts;

namespace TaskFlow.Push.WorkspaceLogs;

/// <summary>A <see cref="FeedPage"/> whose events were cut out of the text instead of being read and written again.</summary>
internal sealed record FeedPageText(IReadOnlyList<LogEvent> Events, long Head, string Epoch, bool HasMore, bool Reset, IReadOnlyList<FeedMember>? Members)
{
    public static FeedPageText Parse(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw new JsonException("a feed page is an object");
        var events = new List<LogEvent>();
        IReadOnlyList<FeedMember>? members = null;
        long? head = null;
        string? epoch = null;
        var (hasMore, reset) = (false, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("events"u8)) ReadEvents(ref reader, text, events);
            else if (reader.ValueTextEquals("members"u8)) { reader.Read(); members = JsonSerializer.Deserialize(ref reader, MembersJson.Default.IReadOnlyListFeedMember); }
            else if (reader.ValueTextEquals("head"u8)) { reader.Read(); head = reader.GetInt64(); }
            else if (reader.ValueTextEquals("epoch"u8)) { reader.Read(); epoch = reader.GetString(); }
            else if (reader.ValueTextEquals("hasMore"u8)) { reader.Read(); hasMore = reader.GetBoolean(); }
            else if (reader.ValueTextEquals("reset"u8)) { reader.Read(); reset = reader.GetBoolean(); }
            else { reader.Read(); reader.Skip(); }
        }
        if (head is null || epoch is null) throw new JsonException("a feed page has a head and an epoch");
        return new FeedPageText(events, head.Value, epoch, hasMore, reset, members);
    }

    private static void ReadEvents(ref Utf8JsonReader reader, ReadOnlySpan<byte> text, List<LogEvent> events)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray) throw new JsonException("events is an array");
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            events.Add(LogEvent.Parse(text[start..(int)reader.BytesConsumed]));
        }
    }
}

[System.Text.Json.Serialization.JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[System.Text.Json.Serialization.JsonSerializable(typeof(IReadOnlyList<FeedMember>))]
internal sealed partial class MembersJson : System.Text.Json.Serialization.JsonSerializerContext;
