using System.Net.Sockets;
using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Engine;
using Aspire.Hosting.Resources;

namespace Aspire.Hosting
{
    /// <summary>A project of the solution. The build generates one such class per project that the AppHost references, in the namespace <c>Projects</c>.</summary>
    public interface IProjectMetadata : IResourceAnnotation
    {
        string ProjectPath { get; }
    }

    public static class ProjectResourceBuilderExtensions
    {
        /// <summary>A service, with the endpoints and the environment of its launch profile.</summary>
        public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name)
            where TProject : IProjectMetadata, new()
        {
            var metadata = new TProject();
            var profile = LaunchProfile.Read(metadata.ProjectPath);
            var project = new ProjectResource(name);
            return builder.AddResource(project)
                .WithAnnotation(metadata)
                .WithAnnotation(new EndpointAnnotation(ProtocolType.Tcp, uriScheme: "http", name: "http", port: profile.Port))
                .WithAnnotation(new LauncherAnnotation(new ProjectLauncher(metadata, (DistributedApplicationBuilder)builder)))
                .WithEnvironment(context => ProjectEnvironment.Add(context.EnvironmentVariables, profile));
        }

        public static IResourceBuilder<ProjectResource> WithReplicas(this IResourceBuilder<ProjectResource> builder, int replicas) =>
            builder.WithAnnotation(new ReplicaAnnotation(replicas), ResourceAnnotationMutationBehavior.Replace);
    }
}

namespace Aspire.Hosting.ApplicationModel
{
    public class ProjectResource(string name)
        : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithServiceDiscovery, IResourceWithWaitSupport;
}

namespace Aspire.Hosting.Resources
{
    /// <summary>Runs what the build of the AppHost built, bound directly to its address: the resource's own, or one per replica behind a proxy.</summary>
    internal sealed class ProjectLauncher(IProjectMetadata metadata, DistributedApplicationBuilder builder) : ILauncher
    {
        public string Type => "Project";

        public bool EndsTheStart => false;

        public Task<ChildCommand> PrepareAsync(Replica replica, CancellationToken cancellationToken)
        {
            var (fileName, arguments) = builder.BuildInfo.Command(metadata.ProjectPath);
            var environment = new Dictionary<string, string>(replica.Environment!.Values) { ["ASPNETCORE_URLS"] = replica.Endpoints["http"].UriString };
            Telemetry.AddInstance(environment, replica);
            return Task.FromResult(new ChildCommand(fileName, arguments, Path.GetDirectoryName(metadata.ProjectPath)!, environment));
        }

        public Task<string?> ProbeAsync(Replica replica, CancellationToken cancellationToken) => HttpProbe.OfAsync(replica, cancellationToken);
    }

    /// <summary>What Aspire sets for every .NET project in run mode, beside telemetry.</summary>
    internal static class ProjectEnvironment
    {
        public static void Add(Dictionary<string, object> environment, LaunchProfile profile)
        {
            environment["OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY"] = "in_memory";
            environment["OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION"] = "true";
            environment["OTEL_DOTNET_EXPERIMENTAL_HTTPCLIENT_DISABLE_URL_QUERY_REDACTION"] = "true";
            environment["DOTNET_SYSTEM_CONSOLE_ALLOW_ANSI_COLOR_REDIRECTION"] = "false";
            environment["LOGGING__CONSOLE__FORMATTERNAME"] = "simple";
            environment["ASPNETCORE_FORWARDEDHEADERS_ENABLED"] = "true";
            if (profile.Name is { } name) environment["DOTNET_LAUNCH_PROFILE"] = name;
            foreach (var (key, value) in profile.Environment) environment[key] = value;
        }
    }

    /// <summary>The first profile of a project's launchSettings.json that runs the project itself.</summary>
    internal sealed record LaunchProfile(string? Name, int? Port, IReadOnlyDictionary<string, string> Environment)
    {
        public static LaunchProfile Read(string projectPath)
        {
            var file = Path.Combine(Path.GetDirectoryName(projectPath)!, "Properties", "launchSettings.json");
            if (!File.Exists(file)) return new LaunchProfile(null, null, new Dictionary<string, string>());
            using var settings = JsonDocument.Parse(File.ReadAllBytes(file), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            var profile = settings.RootElement.GetProperty("profiles").EnumerateObject().First(candidate => candidate.Value.GetProperty("commandName").GetString() == "Project");
            var address = profile.Value.TryGetProperty("applicationUrl", out var urls)
                ? urls.GetString()!.Split(';').FirstOrDefault(url => url.StartsWith("http://", StringComparison.Ordinal)) : null;
            var environment = profile.Value.TryGetProperty("environmentVariables", out var variables)
                ? variables.EnumerateObject().ToDictionary(variable => variable.Name, variable => variable.Value.GetString() ?? "") : [];
            return new LaunchProfile(profile.Name, address is null ? null : new Uri(address).Port, environment);
        }
    }
}
