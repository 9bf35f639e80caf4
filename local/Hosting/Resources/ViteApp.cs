using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Engine;
using Aspire.Hosting.JavaScript;
using Aspire.Hosting.Resources;

namespace Aspire.Hosting
{
    public static class JavaScriptHostingExtensions
    {
        public static IResourceBuilder<ViteAppResource> AddViteApp(this IDistributedApplicationBuilder builder, string name, string appDirectory, string runScriptName = "dev")
        {
            var app = new ViteAppResource(name, Path.GetFullPath(Path.Combine(builder.AppHostDirectory, appDirectory)));
            return builder.AddResource(app)
                .WithAnnotation(new EndpointAnnotation(ProtocolType.Tcp, uriScheme: "http", name: "http"))
                .WithAnnotation(new LauncherAnnotation(new ViteLauncher(app, runScriptName)))
                .WithEnvironment("NODE_ENV", "development");
        }
    }
}

namespace Aspire.Hosting.JavaScript
{
    public class ViteAppResource(string name, string workingDirectory)
        : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithServiceDiscovery, IResourceWithWaitSupport
    {
        internal string WorkingDirectory { get; } = workingDirectory;
    }
}

namespace Aspire.Hosting.Resources
{
    /// <summary>Vite's development server, after <c>npm ci</c> where the modules are missing or older than the lock file. Without Node only this resource fails.</summary>
    internal sealed class ViteLauncher(ViteAppResource app, string script) : ILauncher
    {
        public string Type => "Vite";

        public bool EndsTheStart => false;

        public async Task<ChildCommand> PrepareAsync(Replica replica, CancellationToken cancellationToken)
        {
            var directory = app.WorkingDirectory;
            if (!File.Exists(Path.Combine(directory, "package.json"))) throw new DistributedApplicationException($"There is no web app in {directory} (package.json is missing).");
            if (Tools.Find("node") is not { } node || Tools.Find("npm") is not { } npm)
            {
                throw new DistributedApplicationException($"'{app.Name}' needs Node.js and npm, which are not on PATH. Everything else runs without them.");
            }
            await InstallAsync(npm, directory, replica.Log, cancellationToken).ConfigureAwait(false);
            var port = $"{replica.Endpoints["http"].Port}";
            var environment = new Dictionary<string, string>(replica.Environment!.Values) { ["PORT"] = port };
            Telemetry.AddInstance(environment, replica);
            // npm would stand between us and the server: its process id is not the server's, and it does not pass on every signal.
            string[] command = Vite(directory) is { } vite ? [node, .. vite, "--port", port] : [npm, "run", script, "--", "--port", port];
            return new ChildCommand(command[0], command[1..], directory, environment) { StopsWholeGroup = true };
        }

        public Task<string?> ProbeAsync(Replica replica, CancellationToken cancellationToken) =>
            HttpProbe.GetAsync(replica.Endpoints["http"].UriString, anyAnswer: true, cancellationToken);

        private static async Task InstallAsync(string npm, string directory, ResourceLog log, CancellationToken cancellationToken)
        {
            // Two AppHosts may come here together: the second finds the work done.
            await using var hold = await DataFolder.HoldFileAsync(LockFile(directory), cancellationToken).ConfigureAwait(false);
            var installed = new FileInfo(Path.Combine(directory, "node_modules", ".package-lock.json"));
            var locked = new FileInfo(Path.Combine(directory, "package-lock.json"));
            if (installed.Exists && (!locked.Exists || installed.LastWriteTimeUtc >= locked.LastWriteTimeUtc)) return;
            log.Write("apphost", "installing the web app's packages (npm ci)");
            var output = new ConcurrentQueue<string>();
            var install = new ChildCommand(npm, [locked.Exists ? "ci" : "install", "--no-audit", "--no-fund"], directory, new Dictionary<string, string>()) { StopsWholeGroup = true };
            var exitCode = await Output.RunAsync(install, (_, line) => output.Enqueue(line), cancellationToken).ConfigureAwait(false);
            if (exitCode != 0) throw new DistributedApplicationException($"npm ci in {directory} ended with exit code {exitCode}: {FirstError(output)}");
            if (installed.Exists) installed.LastWriteTimeUtc = DateTime.UtcNow;
        }

        private static string LockFile(string directory) =>
            Path.Combine(Path.GetTempPath(), $"taskflow-npm-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(directory)))[..16]}.lock");

        /// <summary>npm follows its error with pages of help and a pointer to its log.</summary>
        private static string FirstError(IEnumerable<string> output) => string.Join(' ', output.Where(line => line.StartsWith("npm error ", StringComparison.Ordinal))
            .Select(line => line["npm error ".Length..].Trim()).Where(line => line.Length > 0).Take(2));

        /// <summary>The script's words when it runs Vite and nothing else.</summary>
        private string[]? Vite(string directory)
        {
            using var package = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(directory, "package.json")));
            var line = package.RootElement.TryGetProperty("scripts", out var scripts) && scripts.TryGetProperty(script, out var found) ? found.GetString() ?? "" : "";
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var vite = Path.Combine(directory, "node_modules", "vite", "bin", "vite.js");
            return words is ["vite", .. var options] && line.IndexOfAny(['&', '|', ';', '"', '\'', '$']) < 0 && File.Exists(vite) ? [vite, .. options] : null;
        }
    }
}
