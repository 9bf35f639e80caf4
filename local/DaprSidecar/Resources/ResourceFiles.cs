using TaskFlow.Local.DaprSidecar.Startup;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace TaskFlow.Local.DaprSidecar.Resources;

/// <summary>One document of a YAML file: a Component, Resiliency, Subscription or Configuration.</summary>
internal sealed record ResourceDocument(string ApiVersion, string Kind, string Name, YamlMap Root)
{
    /// <summary>A resource that lists scopes is for those apps only.</summary>
    public bool IsFor(string appId) => Root.Texts("scopes") is var scopes && (scopes.Count == 0 || scopes.Contains(appId));
}

/// <summary>Reads the files that daprd reads, but takes nothing for granted: what it does not understand ends the start.</summary>
internal static class ResourceFiles
{
    public static IReadOnlyList<ResourceDocument> ReadFolder(string folder)
    {
        if (!Directory.Exists(folder)) throw new SidecarException($"--resources-path {folder}: there is no such folder");
        var files = Directory.EnumerateFiles(folder).Where(file => Path.GetExtension(file) is ".yaml" or ".yml").Order(StringComparer.Ordinal);
        return [.. files.SelectMany(ReadFile)];
    }

    public static IReadOnlyList<ResourceDocument> ReadFile(string file)
    {
        if (!File.Exists(file)) throw new SidecarException($"{file}: there is no such file");
        var stream = new YamlStream();
        try
        {
            using var reader = File.OpenText(file);
            stream.Load(reader);
        }
        catch (YamlException error)
        {
            throw new SidecarException($"{file}({error.Start.Line}): is not valid YAML: {error.Message}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SidecarException($"{file}: cannot be read: {error.Message}");
        }
        return [.. stream.Documents.Where(document => !IsEmpty(document)).Select(document => ReadDocument(file, document.RootNode))];
    }

    private static bool IsEmpty(YamlDocument document) => document.RootNode is YamlScalarNode { Value: null or "" };

    private static ResourceDocument ReadDocument(string file, YamlNode node)
    {
        if (node is not YamlMappingNode map) throw new SidecarException($"{file}({node.Start.Line}): must be a mapping with apiVersion, kind, metadata and spec");
        var root = new YamlMap(map, file, "").Only("apiVersion", "kind", "metadata", "spec", "auth", "scopes");
        var apiVersion = root.Text("apiVersion");
        if (!apiVersion.StartsWith("dapr.io/", StringComparison.Ordinal)) throw root.Error("apiVersion", $"'{apiVersion}' is not one of Dapr's");
        var metadata = root.Map("metadata").Only("name", "namespace", "labels", "annotations");
        return new ResourceDocument(apiVersion, root.Text("kind"), metadata.Text("name"), root);
    }
}
