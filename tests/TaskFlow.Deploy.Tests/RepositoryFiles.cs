using System.Runtime.CompilerServices;
using YamlDotNet.RepresentationModel;

namespace TaskFlow.Deploy.Tests;

/// <summary>Reads files of the repository, wherever the tests run from.</summary>
internal static class RepositoryFiles
{
    public static string Root { get; } = Find();

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    public static YamlMappingNode Yaml(string path) => Parse(Read(path));

    public static YamlMappingNode Parse(string text)
    {
        var stream = new YamlStream();
        using var reader = new StringReader(text);
        stream.Load(reader);
        return (YamlMappingNode)stream.Documents.Single().RootNode;
    }

    /// <summary>The node itself and everything below it.</summary>
    public static IEnumerable<YamlNode> All(YamlNode node) => node.AllNodes;

    public static YamlNode? Get(this YamlNode node, string key) =>
        node is YamlMappingNode map && map.Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : null;

    public static string Text(this YamlNode? node) => (node as YamlScalarNode)?.Value ?? "";

    private static string Find([CallerFilePath] string here = "")
    {
        var folder = new DirectoryInfo(Path.GetDirectoryName(here)!);
        while (!File.Exists(Path.Combine(folder.FullName, "TaskFlow.sln"))) folder = folder.Parent ?? throw new DirectoryNotFoundException("TaskFlow.sln");
        return folder.FullName;
    }
}
