using System.Globalization;
using TaskFlow.Local.DaprSidecar.Startup;

namespace TaskFlow.Local.DaprSidecar.Resources;

/// <summary>A component's <c>spec.metadata</c>, with secrets and environment variables put in. Names are compared without regard to case, as daprd does.</summary>
internal sealed class ComponentMetadata
{
    private readonly Dictionary<string, (string Value, bool IsSecret, YamlMap Item)> _items = new(StringComparer.OrdinalIgnoreCase);
    private readonly YamlMap _spec;

    public ComponentMetadata(ResourceDocument document, string appId, Func<YamlMap, string, string> secret, Func<string, string?> environment)
    {
        _spec = document.Root.Map("spec").Only("type", "version", "metadata", "ignoreErrors", "initTimeout");
        foreach (var item in _spec.Maps("metadata"))
        {
            item.Only("name", "value", "secretKeyRef", "envRef");
            var name = item.Text("name");
            var value = Value(item, name, secret, environment)
                .Replace("{appID}", appId, StringComparison.Ordinal)
                .Replace("{uuid}", Guid.NewGuid().ToString(), StringComparison.Ordinal);
            if (!_items.TryAdd(name, (value, item.OptionalMap("secretKeyRef") is not null, item))) throw item.Error("name", $"'{name}' is given twice");
        }
    }

    public void Only(IReadOnlySet<string> known)
    {
        foreach (var (name, (_, _, item)) in _items)
        {
            if (!known.Contains(name)) throw item.Error("name", $"'{name}' is not a setting of this component");
        }
    }

    public string? OptionalText(string name) => _items.TryGetValue(name, out var item) && item.Value.Length > 0 ? item.Value : null;

    public string Text(string name) => OptionalText(name) ?? throw Error(name, "is missing or empty");

    public int Number(string name, int ifMissing, int min) => OptionalText(name) switch
    {
        null => ifMissing,
        var text when int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= min => number,
        _ => throw Error(name, $"{Shown(name)} is not a whole number from {min} up"),
    };

    public TimeSpan Duration(string name, TimeSpan ifMissing) => OptionalText(name) switch
    {
        null => ifMissing,
        var text when GoDuration.TryParse(text, out var duration) => duration,
        _ => throw Error(name, $"{Shown(name)} is not a duration such as 500ms, 30s or 1m"),
    };

    public bool Switch(string name) => OptionalText(name) switch
    {
        null => false,
        var text when bool.TryParse(text, out var on) => on,
        "1" or "yes" or "on" => true,
        "0" or "no" or "off" => false,
        _ => throw Error(name, $"{Shown(name)} is neither true nor false"),
    };

    public SidecarException Error(string name, string reason) =>
        _items.TryGetValue(name, out var item) ? item.Item.Error("value", $"of {name} {reason}") : _spec.Error("metadata", $"{name} {reason}");

    private string Shown(string name) => _items[name] is { IsSecret: false } item ? $"'{item.Value}'" : "(a secret)";

    private static string Value(YamlMap item, string name, Func<YamlMap, string, string> secret, Func<string, string?> environment)
    {
        if (item.OptionalMap("secretKeyRef") is { } reference)
        {
            reference.Only("name", "key");
            var secretName = reference.Text("name");
            // A store of single values, such as the environment, holds each secret under its own name only.
            if (reference.OptionalText("key") is { Length: > 0 } key && key != secretName) throw reference.Error("key", $"'{key}' is not in the secret {secretName}");
            return secret(reference, secretName);
        }
        if (item.OptionalText("envRef") is { Length: > 0 } variable)
        {
            if (EnvironmentSecrets.IsForbidden(variable)) throw item.Error("envRef", $"may not name {variable}");
            return environment(variable) ?? throw item.Error("envRef", $"names the environment variable {variable}, which is not set");
        }
        return item.OptionalText("value") ?? throw item.Error("value", $"of {name} is missing: give value, secretKeyRef or envRef");
    }
}
