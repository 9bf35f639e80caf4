using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Engine;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting;

/// <summary>Where AppHost.cs describes the system.</summary>
public interface IDistributedApplicationBuilder
{
    ConfigurationManager Configuration { get; }
    string AppHostDirectory { get; }
    Assembly? AppHostAssembly { get; }
    IServiceCollection Services { get; }
    DistributedApplicationExecutionContext ExecutionContext { get; }
    IList<IResource> Resources { get; }
    IResourceBuilder<T> AddResource<T>(T resource) where T : IResource;
    IResourceBuilder<T> CreateResourceBuilder<T>(T resource) where T : IResource;
    DistributedApplication Build();
}

public class DistributedApplicationOptions
{
    public string[]? Args { get; set; }
    public string? AssemblyName { get; set; }
    public bool DisableDashboard { get; set; }
}

/// <summary>The Local engine only runs: there is no publish mode.</summary>
public class DistributedApplicationExecutionContext
{
    public bool IsRunMode => true;
    public bool IsPublishMode => false;
}

/// <summary>A mistake of the person who starts the application. Its message is one sentence that says what to do.</summary>
public class DistributedApplicationException : Exception
{
    public DistributedApplicationException(string message) : base(message)
    {
    }

    public DistributedApplicationException(string message, Exception inner) : base(message, inner)
    {
    }
}

public class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    private readonly List<IResource> _resources = [];

    internal DistributedApplicationBuilder(DistributedApplicationOptions options, Testing.AppHostInterception? interception)
    {
        Interception = interception;
        AppHostAssembly = interception?.AppHostAssembly
            ?? (options.AssemblyName is { } name ? Assembly.Load(name) : Assembly.GetEntryAssembly())
            ?? throw new DistributedApplicationException("The AppHost's assembly could not be found.");
        BuildInfo = new BuildInfo(AppHostAssembly);
        Configuration = new ConfigurationManager();
        Configuration.AddJsonFile(Path.Combine(AppHostDirectory, "appsettings.json"), optional: true);
        Configuration.AddEnvironmentVariables();
        if (interception is not null) Configuration.AddInMemoryCollection(interception.Defaults);
        Configuration.AddCommandLine(options.Args ?? []);
        if (interception is null && options.DisableDashboard) Configuration["Dashboard:Enabled"] = "false";
        Services.AddLogging();
        Services.AddHttpClient();
        Services.AddSingleton<IConfiguration>(Configuration);
        Services.AddSingleton<ResourceNotificationService>();
        State = new DataFolder(Configuration, BuildInfo);
    }

    public ConfigurationManager Configuration { get; }

    public string AppHostDirectory => BuildInfo.AppHostDirectory;

    public Assembly? AppHostAssembly { get; }

    public IServiceCollection Services { get; } = new ServiceCollection();

    public DistributedApplicationExecutionContext ExecutionContext { get; } = new();

    public IList<IResource> Resources => _resources;

    internal BuildInfo BuildInfo { get; }

    internal DataFolder State { get; }

    internal Testing.AppHostInterception? Interception { get; }

    public IResourceBuilder<T> AddResource<T>(T resource) where T : IResource
    {
        if (_resources.Any(other => string.Equals(other.Name, resource.Name, StringComparison.OrdinalIgnoreCase)))
        {
            throw new DistributedApplicationException($"There are two resources named '{resource.Name}'.");
        }
        _resources.Add(resource);
        return CreateResourceBuilder(resource);
    }

    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource) where T : IResource => new ResourceBuilder<T>(this, resource);

    public DistributedApplication Build()
    {
        Interception?.Building(this);
        var application = new DistributedApplication(this);
        Interception?.Built(application);
        return application;
    }
}
