using System.Globalization;
using TaskFlow.Local.DaprSidecar.Startup;
using YamlDotNet.RepresentationModel;

namespace TaskFlow.Local.DaprSidecar.Resources;

/// <summary>A mapping of a YAML file that knows where it stands, so that every complaint names file, line, field and reason.</summary>
internal sealed class YamlMap(YamlMappingNode node, string file, string path)
{
    public IEnumerable<string> Keys => node.Children.Keys.Select(key => ((YamlScalarNode)key).Value ?? "");

    /// <summary>A field that nobody reads is most likely misspelt; daprd would silently go on without it.</summary>
    public YamlMap Only(params ReadOnlySpan<string> fields)
    {
        foreach (var key in Keys)
        {
            if (!fields.Contains(key)) throw Error(key, $"is not a field here; known are {string.Join(", ", fields.ToArray())}");
        }
        return this;
    }

    public string Text(string field) => OptionalText(field) is { Length: > 0 } text ? text : throw Error(field, "is missing");

    public string? OptionalText(string field) => Find(field) switch
    {
        null => null,
        YamlScalarNode scalar => scalar.Value ?? "",
        _ => throw Error(field, "must be plain text"),
    };

    public YamlMap Map(string field) => OptionalMap(field) ?? throw Error(field, "is missing");

    public YamlMap? OptionalMap(string field) => Find(field) switch
    {
        null => null,
        YamlMappingNode map => new YamlMap(map, file, PathOf(field)),
        YamlScalarNode { Value: null or "" } => null,
        _ => throw Error(field, "must be a mapping"),
    };

    public IReadOnlyList<YamlMap> Maps(string field)
    {
        var items = Sequence(field);
        var maps = new List<YamlMap>(items.Count);
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i] is not YamlMappingNode map) throw Error(field, $"must be a list of mappings, but entry {i + 1} is not one");
            maps.Add(new YamlMap(map, file, $"{PathOf(field)}[{i}]"));
        }
        return maps;
    }

    public IReadOnlyList<string> Texts(string field) => [.. Sequence(field).Select(item =>
        item is YamlScalarNode { Value: { } text } ? text : throw Error(field, "must be a list of plain texts"))];

    public TimeSpan? OptionalDuration(string field)
    {
        if (OptionalText(field) is not { } text) return null;
        return GoDuration.TryParse(text, out var duration) ? duration : throw Error(field, $"'{text}' is not a duration such as 500ms, 30s or 1m");
    }

    public int? OptionalNumber(string field, int min)
    {
        if (OptionalText(field) is not { } text) return null;
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= min
            ? number
            : throw Error(field, $"'{text}' is not a whole number from {min} up");
    }

    public SidecarException Error(string field, string reason) => new($"{file}({LineOf(field)}): {PathOf(field)} {reason}");

    private IList<YamlNode> Sequence(string field) => Find(field) switch
    {
        null => [],
        YamlSequenceNode sequence => sequence.Children,
        YamlScalarNode { Value: null or "" } => [],
        _ => throw Error(field, "must be a list"),
    };

    private YamlNode? Find(string field) => node.Children.TryGetValue(new YamlScalarNode(field), out var value) ? value : null;

    private long LineOf(string field) => (Find(field) ?? node).Start.Line;

    private string PathOf(string field) => path.Length == 0 ? field : $"{path}.{field}";
}
