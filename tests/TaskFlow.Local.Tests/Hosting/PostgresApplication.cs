using Aspire.Hosting;
using Aspire.Hosting.Testing;

namespace TaskFlow.Local.Tests.Hosting;

/// <summary>The database alone, in a data folder that outlives it.</summary>
internal sealed class PostgresApplication : IAsyncDisposable
{
    private readonly DistributedApplication _application;

    private PostgresApplication(DistributedApplication application) => _application = application;

    /// <summary>What the database's log says, the AppHost's own lines included.</summary>
    public string Log => string.Join('\n', _application.Orchestrator.Replicas.Single().Log.After(0).Select(line => line.Text));

    /// <summary>Returns when it is healthy; throws a <see cref="DistributedApplicationException"/> when the start is over instead.</summary>
    public static async Task<PostgresApplication> StartAsync(string dataFolder, params string[] arguments)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var interception = new AppHostInterception(typeof(Projects.TaskFlow_AppHost).Assembly);
        string[] settings = ["--Dashboard:Enabled=false", $"--Local:DataFolder={dataFolder}", "--Local:DataFolderIsTemporary=false", .. arguments];
        var builder = new DistributedApplicationBuilder(new DistributedApplicationOptions { Args = settings }, interception);
        builder.AddPostgres("postgres").AddDatabase("things");
        interception.AllowBuild();
        var application = builder.Build();
        try
        {
            await application.StartAsync(deadline.Token);
            await application.ResourceNotifications.WaitForResourceHealthyAsync("postgres", deadline.Token);
            return new PostgresApplication(application);
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();
}
