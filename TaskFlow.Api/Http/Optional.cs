using System.Text.Json;
using System.Text.Json.Serialization;

namespace TaskFlow.Api.Http;

/// <summary>A field of a PATCH that may be absent (leave it), null (clear it) or a value (set it).</summary>
[JsonConverter(typeof(OptionalConverterFactory))]
internal readonly record struct Optional<T>(T? Value, bool IsSet)
{
    public static implicit operator Optional<T>(T? value) => new(value, true);
}

internal sealed class OptionalConverterFactory : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsGenericType && typeToConvert.GetGenericTypeDefinition() == typeof(Optional<>);

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(OptionalConverter<>).MakeGenericType(typeToConvert.GetGenericArguments()))!;
}

internal sealed class OptionalConverter<T> : JsonConverter<Optional<T>>
{
    public override bool HandleNull => true;

    /// <summary>By the value's own converter and not by the serialiser, which would begin a new path: an error must name the field.</summary>
    public override Optional<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType == JsonTokenType.Null && default(T) is null
        ? new(default, true)
        : new(((JsonConverter<T>)options.GetConverter(typeof(T))).Read(ref reader, typeof(T), options), true);

    public override void Write(Utf8JsonWriter writer, Optional<T> value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, value.Value, options);
}
