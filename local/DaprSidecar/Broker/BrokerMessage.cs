using System.Buffers;
using System.Text;
using System.Text.Json;

namespace TaskFlow.Local.DaprSidecar.Broker;

/// <summary>
/// A message as it lies in Redis: <c>id LF metadata-as-JSON LF data</c>. The id makes each element of a list unique, so that an
/// acknowledgement removes exactly one; the data is what daprd would have written into its stream.
/// </summary>
internal sealed record BrokerMessage(string Id, IReadOnlyDictionary<string, string> Metadata, ReadOnlyMemory<byte> Data, ReadOnlyMemory<byte> Element)
{
    private const byte Separator = (byte)'\n';
    private const int IdLength = 32;

    private static readonly Dictionary<string, string> NoMetadata = [];

    public static byte[] Encode(IReadOnlyDictionary<string, string>? metadata, ReadOnlySpan<byte> data)
    {
        var encodedMetadata = metadata is { Count: > 0 } ? JsonSerializer.SerializeToUtf8Bytes(metadata, BrokerJson.Default.IReadOnlyDictionaryStringString) : [];
        var element = new byte[IdLength + 1 + encodedMetadata.Length + 1 + data.Length];
        Guid.CreateVersion7().TryFormat(element, out _, "N");
        element[IdLength] = Separator;
        encodedMetadata.CopyTo(element.AsSpan(IdLength + 1));
        element[IdLength + 1 + encodedMetadata.Length] = Separator;
        data.CopyTo(element.AsSpan(IdLength + encodedMetadata.Length + 2));
        return element;
    }

    /// <summary>Null for something that this program did not put there.</summary>
    public static BrokerMessage? TryDecode(ReadOnlyMemory<byte> element)
    {
        var span = element.Span;
        if (span.Length < IdLength + 2 || span[IdLength] != Separator) return null;
        var rest = span[(IdLength + 1)..];
        var end = rest.IndexOf(Separator);
        if (end < 0) return null;
        try
        {
            var metadata = end == 0 ? NoMetadata : JsonSerializer.Deserialize(rest[..end], BrokerJson.Default.DictionaryStringString) ?? NoMetadata;
            return new BrokerMessage(Encoding.ASCII.GetString(span[..IdLength]), metadata, element[(IdLength + 2 + end)..], element);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
