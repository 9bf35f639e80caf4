using Microsoft.AspNetCore.Components;
using TaskFlow.Local.Dashboard.Telemetry;

namespace TaskFlow.Local.Dashboard.Components;

/// <summary>A page that follows what it shows: on each beat it looks whether there is something new, and only then reads and renders.</summary>
public abstract class LivePage : ComponentBase, IDisposable
{
    private long _seen = -1;
    private int _busy;

    // Where a navigation leads that the browser has not reported yet: until then Navigation.Uri is the old address.
    private string? _goingTo;

    [Inject] internal TelemetryStore Store { get; set; } = null!;

    [Inject] internal Beat Beat { get; set; } = null!;

    [Inject] internal LiveState Live { get; set; } = null!;

    [Inject] internal NavigationManager Navigation { get; set; } = null!;

    /// <summary>Changes whenever there is something new to show.</summary>
    private protected abstract long Version { get; }

    /// <summary>Reads what is shown.</summary>
    private protected abstract void Read();

    protected override void OnParametersSet()
    {
        _goingTo = null;
        ReadNow();
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender) Beat.Add(OnBeat);
    }

    private protected void ReadNow()
    {
        _seen = Version;
        Read();
    }

    /// <summary>Puts the page's filters into its address, so that a reload and a copied link keep them.</summary>
    private protected void Show(params (string Name, object? Value)[] query)
    {
        var target = Link(query);
        if (target == (_goingTo ?? Navigation.Uri)) return;
        _goingTo = target;
        Navigation.NavigateTo(target, replace: true);
    }

    /// <summary>The page's own address with some of its filters changed, for links: they work even while the page is not live.</summary>
    private protected string Link(params (string Name, object? Value)[] query) =>
        Navigation.GetUriWithQueryParameters(_goingTo ?? Navigation.Uri, query.ToDictionary(pair => pair.Name, pair => pair.Value is "" or false ? null : pair.Value));

    private void OnBeat()
    {
        if (Live.IsPaused || Version == _seen || Interlocked.Exchange(ref _busy, 1) == 1) return;
        _ = InvokeAsync(async () =>
        {
            _busy = 0;
            try
            {
                ReadNow();
                StateHasChanged();
            }
            catch (Exception failure)
            {
                // Nobody awaits a beat: the failure has to be handed to whoever looks after the page.
                await DispatchExceptionAsync(failure);
            }
        });
    }

    public virtual void Dispose()
    {
        Beat.Remove(OnBeat);
        GC.SuppressFinalize(this);
    }
}
