using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Aspire.Hosting.Engine;

/// <summary>What the build of the AppHost knew: its folder, the engine and why, and where the services and tools were built to.</summary>
internal sealed class BuildInfo(Assembly appHost)
{
    public string AppHostDirectory => Metadata("apphostprojectpath");

    public string EngineAndReason => $"{Metadata("hostingengine")} ({Metadata("hostingenginereason")})";

    /// <summary>The nearest folder above that holds a solution: the repository's root.</summary>
    public string Root
    {
        get
        {
            for (var folder = new DirectoryInfo(AppHostDirectory); folder is not null; folder = folder.Parent)
            {
                if (folder.EnumerateFiles("*.sln*").Any() || Directory.Exists(Path.Combine(folder.FullName, ".git"))) return folder.FullName;
            }
            return AppHostDirectory;
        }
    }

    /// <summary>The command that runs a project's build output, of the same configuration as the AppHost's.</summary>
    public (string FileName, string[] Arguments) Command(string projectPath)
    {
        var name = Path.GetFileNameWithoutExtension(projectPath);
        var configuration = appHost.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration ?? "Debug";
        var framework = new FrameworkName(appHost.GetCustomAttribute<TargetFrameworkAttribute>()!.FrameworkName);
        var output = Path.Combine(Path.GetDirectoryName(projectPath)!, "bin", configuration, $"net{framework.Version.Major}.{framework.Version.Minor}", name + ".dll");
        if (!File.Exists(output)) throw new DistributedApplicationException($"{name} is not built ({output} is missing): build the AppHost, which builds it too.");
        var dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../../dotnet"));
        return (File.Exists(dotnet) ? dotnet : "dotnet", ["exec", output]);
    }

    /// <summary>The command of a program in local/ that the AppHost's project file names as a tool.</summary>
    public (string FileName, string[] Arguments) Tool(string name) => Command(Metadata($"localtool:{name}"));

    private string Metadata(string key) =>
        appHost.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(attribute => attribute.Key == key)?.Value
        ?? throw new DistributedApplicationException($"{appHost.GetName().Name} is no AppHost: it was built without the attribute '{key}'.");
}
