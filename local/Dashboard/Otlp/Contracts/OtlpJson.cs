using System.Text.Json;
using System.Text.Json.Serialization;

namespace TaskFlow.Local.Dashboard.Otlp.Contracts;

/// <summary>OTLP/JSON: camelCase names, 64-bit numbers as texts or numbers, unknown members ignored.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowReadingFromString | JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(ExportTraceRequest))]
[JsonSerializable(typeof(ExportLogsRequest))]
[JsonSerializable(typeof(ExportMetricsRequest))]
internal sealed partial class OtlpJson : JsonSerializerContext
{
    public const JsonNumberHandling Text =
        JsonNumberHandling.WriteAsString | JsonNumberHandling.AllowReadingFromString | JsonNumberHandling.AllowNamedFloatingPointLiterals;
}

/// <summary>Trace and span ids: hexadecimal in OTLP/JSON, where the protobuf mapping would say base64.</summary>
internal sealed class HexConverter : JsonConverter<byte[]?>
{
    public override byte[]? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Null) return null;
        try
        {
            return Convert.FromHexString(reader.GetString() ?? "");
        }
        catch (FormatException)
        {
            throw new JsonException("an id is not hexadecimal");
        }
    }

    public override void Write(Utf8JsonWriter writer, byte[]? value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Convert.ToHexStringLower(value ?? []));
}
