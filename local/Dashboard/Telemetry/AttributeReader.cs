using System.Globalization;
using System.Text;
using TaskFlow.Local.Dashboard.Otlp;
using TaskFlow.Local.Dashboard.Otlp.Contracts;

namespace TaskFlow.Local.Dashboard.Telemetry;

/// <summary>Makes texts of attributes, and cuts what is longer than anybody reads.</summary>
internal sealed class AttributeReader(StringPool pool)
{
    public const int MaxAttributes = 128;
    public const int MaxKeyLength = 256;
    public const int MaxValueLength = 8 * 1024;

    public Tag[] Read(List<KeyValue>? values)
    {
        if (values is null or { Count: 0 }) return [];
        var result = new Tag[Math.Min(values.Count, MaxAttributes)];
        var count = 0;
        foreach (var value in values)
        {
            if (count == result.Length) break;
            if (string.IsNullOrEmpty(value?.Key)) continue;
            result[count++] = new(pool.Intern(Cut(value.Key, MaxKeyLength)), pool.Intern(Text(value.Value)));
        }
        return count == result.Length ? result : result[..count];
    }

    public string Name(string? name) => pool.Intern(Cut(name ?? "", MaxValueLength));

    public static string Text(AnyValue? value)
    {
        if (value is null) return "";
        if (Scalar(value) is { } scalar) return scalar;
        var builder = new StringBuilder();
        Append(builder, value, 0);
        return Cut(builder.ToString(), MaxValueLength);
    }

    private static string? Scalar(AnyValue value) => value switch
    {
        { StringValue: { } text } => Cut(text, MaxValueLength),
        { BoolValue: { } flag } => flag ? "true" : "false",
        { IntValue: { } number } => number.ToString(CultureInfo.InvariantCulture),
        { DoubleValue: { } real } => real.ToString("R", CultureInfo.InvariantCulture),
        _ => null,
    };

    private static void Append(StringBuilder builder, AnyValue? value, int depth)
    {
        if (builder.Length > MaxValueLength || depth > OtlpCodec.MaxDepth) return;
        switch (value)
        {
            case { ArrayValue: { } array }:
                builder.Append('[');
                foreach (var (index, item) in (array.Values ?? []).Index())
                {
                    if (builder.Length > MaxValueLength) return;
                    if (index > 0) builder.Append(", ");
                    Append(builder, item, depth + 1);
                }
                builder.Append(']');
                break;
            case { KvlistValue: { } list }:
                builder.Append('{');
                foreach (var (index, item) in (list.Values ?? []).Index())
                {
                    if (builder.Length > MaxValueLength) return;
                    if (index > 0) builder.Append(", ");
                    builder.Append(item?.Key).Append(": ");
                    Append(builder, item?.Value, depth + 1);
                }
                builder.Append('}');
                break;
            case { BytesValue: { } bytes }:
                builder.Append(Convert.ToBase64String(bytes.AsSpan(0, Math.Min(bytes.Length, MaxValueLength))));
                break;
            // A value with none of its kinds set is OpenTelemetry's null.
            case not null:
                builder.Append(Scalar(value));
                break;
        }
    }

    private static string Cut(string text, int length) => text.Length <= length ? text : string.Concat(text.AsSpan(0, length), "…");
}
