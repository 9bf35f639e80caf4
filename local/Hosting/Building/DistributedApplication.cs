using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Engine;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting;

/// <summary>The described system, ready to run.</summary>
public class DistributedApplication : IAsyncDisposable, IDisposable
{
    private readonly DistributedApplicationBuilder _builder;
    private readonly ServiceProvider _services;

    internal DistributedApplication(DistributedApplicationBuilder builder)
    {
        _builder = builder;
        _services = builder.Services.BuildServiceProvider();
        ResourceNotifications = _services.GetRequiredService<ResourceNotificationService>();
        Orchestrator = new Orchestrator(builder, ResourceNotifications);
    }

    public IServiceProvider Services => _services;

    public ResourceNotificationService ResourceNotifications { get; }

    internal Orchestrator Orchestrator { get; }

    internal IReadOnlyList<IResource> Resources => [.. _builder.Resources];

    public static IDistributedApplicationBuilder CreateBuilder() => CreateBuilder([]);

    public static IDistributedApplicationBuilder CreateBuilder(string[] args) => CreateBuilder(new DistributedApplicationOptions { Args = args });

    public static IDistributedApplicationBuilder CreateBuilder(DistributedApplicationOptions options)
    {
        var interception = AppHostInterception.Current;
        if (interception is null) OneSentence.ForUnhandledMistakes();
        var builder = new DistributedApplicationBuilder(options, interception);
        if (interception is null) Terminal.Apphost($"engine: {builder.BuildInfo.EngineAndReason}");
        return builder;
    }

    public virtual Task StartAsync(CancellationToken cancellationToken = default) => Orchestrator.StartAsync(cancellationToken);

    public virtual Task StopAsync(CancellationToken cancellationToken = default) => Orchestrator.StopAsync();

    /// <summary>Starts everything, and stops it again on Ctrl+C, SIGTERM, or when the <c>dotnet run</c> above is gone.</summary>
    public virtual async Task RunAsync(CancellationToken cancellationToken = default)
    {
        if (_builder.Interception is { } interception)
        {
            await interception.UntilDisposed.ConfigureAwait(false);
            return;
        }
        using var shutdown = new Shutdown(cancellationToken);
        try
        {
            await StartAsync(shutdown.Token).ConfigureAwait(false);
            await Orchestrator.RunUntilStoppedAsync(shutdown.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (shutdown.Token.IsCancellationRequested)
        {
        }
        catch (Exception mistake) when (OneSentence.IsMistake(mistake))
        {
            OneSentence.Say(mistake);
        }
        finally
        {
            if (shutdown.Reason is { } reason) Terminal.Apphost($"stopping: {reason}");
            await DisposeAsync().ConfigureAwait(false);
        }
    }

    public void Run() => RunAsync().GetAwaiter().GetResult();

    public virtual async ValueTask DisposeAsync()
    {
        await Orchestrator.DisposeAsync().ConfigureAwait(false);
        await _services.DisposeAsync().ConfigureAwait(false);
        _builder.State.Dispose();
        _builder.Interception?.Disposed();
        GC.SuppressFinalize(this);
    }

    public virtual void Dispose()
    {
        DisposeAsync().AsTask().GetAwaiter().GetResult();
        GC.SuppressFinalize(this);
    }
}
