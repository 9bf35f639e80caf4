using System.Net;
using System.Net.Sockets;

namespace TaskFlow.Push.Tests.Support;

/// <summary>Passes on what goes to a port on this machine and what comes back, until it is frozen: then a connection stays open and nothing comes through.</summary>
public sealed class FrozenRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly int _to;
    private readonly Task _accepting;
    private volatile CancellationTokenSource _thaw = new();
    private volatile bool _later;

    public FrozenRelay(int to)
    {
        _to = to;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Freezes the connections there are, and with <paramref name="later"/> those to come.</summary>
    public void Freeze(bool later)
    {
        _later = later;
        Interlocked.Exchange(ref _thaw, new CancellationTokenSource()).Cancel();
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true) connections.Add(RelayAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException) { }
        await Task.WhenAll(connections);
    }

    private async Task RelayAsync(TcpClient client)
    {
        using var near = client;
        using var far = new TcpClient();
        try
        {
            if (!_later)
            {
                var frozen = _thaw.Token;
                await far.ConnectAsync(IPAddress.Loopback, _to, _end.Token);
                await Task.WhenAny(PassAsync(near, far, frozen), PassAsync(far, near, frozen));
                if (!frozen.IsCancellationRequested) return;
            }
            await Task.Delay(Timeout.Infinite, _end.Token);
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or IOException) { }
    }

    private static async Task PassAsync(TcpClient from, TcpClient to, CancellationToken frozen)
    {
        try { await from.GetStream().CopyToAsync(to.GetStream(), frozen); }
        catch (Exception error) when (error is OperationCanceledException or IOException or ObjectDisposedException) { }
    }
}
