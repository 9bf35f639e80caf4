using System.Diagnostics;
using System.Xml.Linq;
using TaskFlow.Testing;

namespace TaskFlow.Deploy.Tests;

/// <summary>How images are built, by whomever: with the clients of the Aspire engine, ahead of time, with the web app's packages of today.</summary>
public sealed class ImageTests
{
    [Theory]
    [InlineData("TaskFlow.Api")]
    [InlineData("TaskFlow.Push")]
    public async Task No_image_is_built_with_the_Local_engine(string project)
    {
        var (exitCode, output) = await BuildAsync(project, "-target:PublishContainer", "-property:HostingEngine=Local");
        Assert.NotEqual(0, exitCode);
        Assert.Contains("Images are built with the Aspire engine", output, StringComparison.Ordinal);
    }

    /// <summary>azd runs <c>dotnet publish</c> itself, on machines with and without containers and Dapr.</summary>
    [Fact]
    public async Task What_is_published_has_the_Aspire_engine_unless_told_otherwise()
    {
        Assert.Equal((0, "Aspire"), await BuildAsync("TaskFlow.Push", "-property:_IsPublishing=true", "-getProperty:HostingEngine"));
        Assert.Equal((0, "Local"), await BuildAsync("TaskFlow.Push", "-property:_IsPublishing=true", "-property:HostingEngine=Local", "-getProperty:HostingEngine"));
    }

    [Theory]
    [InlineData("TaskFlow.Api")]
    [InlineData("TaskFlow.Push")]
    public async Task For_a_named_platform_it_is_compiled_ahead_of_time(string project)
    {
        Assert.Equal((0, "true"), await BuildAsync(project, "-property:HostingEngine=Local", "-property:RuntimeIdentifier=linux-x64", "-getProperty:PublishReadyToRun"));
        Assert.Equal((0, ""), await BuildAsync(project, "-property:HostingEngine=Local", "-getProperty:PublishReadyToRun"));
    }

    [Fact]
    public void Every_command_that_builds_images_names_the_engine_and_the_platform()
    {
        foreach (var file in (string[])["deploy/compose/up.sh", "deploy/ecs/deploy.sh", ".github/workflows/ci.yml"])
        {
            var command = Assert.Single(RepositoryFiles.Read(file).Split('\n'), line => line.Contains("dotnet publish", StringComparison.Ordinal));
            Assert.Matches(@" -r (linux-x64|""\$platform"") -t:PublishContainer -p:HostingEngine=Aspire", command);
        }
        Assert.Equal("Aspire", RepositoryFiles.Yaml(".github/workflows/ci.yml").Get("jobs")!.Get("staging")!.Get("env")!.Get("HostingEngine").Text());
    }

    [Fact]
    public void Npm_installs_again_when_the_lock_file_is_newer_than_what_is_installed()
    {
        var targets = XDocument.Parse(RepositoryFiles.Read("TaskFlow.Api/TaskFlow.Api.csproj")).Root!.Elements("Target").ToDictionary(target => target.Attribute("Name")!.Value);
        var install = targets["InstallWebPackages"];
        Assert.Equal("InstallWebPackages", targets["BuildWebApp"].Attribute("DependsOnTargets")!.Value);
        Assert.Equal(("../web/package-lock.json", "../web/node_modules/.package-lock.json"), (install.Attribute("Inputs")!.Value, install.Attribute("Outputs")!.Value));
        Assert.StartsWith("npm ci", install.Element("Exec")!.Attribute("Command")!.Value, StringComparison.Ordinal);
        Assert.Equal("../web/node_modules/.package-lock.json", install.Element("Touch")!.Attribute("Files")!.Value);
    }

    private static async Task<(int ExitCode, string Output)> BuildAsync(string project, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["msbuild", Path.Combine(RepositoryFiles.Root, project, project + ".csproj"), "-nodeReuse:false", "-verbosity:quiet", .. arguments]) { RedirectStandardOutput = true };
        start.Environment.Remove("HostingEngine");
        using var build = Process.Start(start)!;
        var output = await build.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(Deadline.SystemStart);
        await build.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Deadline.SystemStart);
        return (build.ExitCode, output.Trim());
    }
}
