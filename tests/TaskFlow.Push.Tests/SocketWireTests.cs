using System.Net;
using System.Net.Sockets;
using TaskFlow.Push.Connections;
using TaskFlow.Testing;

namespace TaskFlow.Push.Tests;

/// <summary>What a socket says to being written to, on a real pair of them.</summary>
public sealed class SocketWireTests : IDisposable
{
    private readonly Socket _server;
    private readonly Socket _client = new(SocketType.Stream, ProtocolType.Tcp);

    public SocketWireTests()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        _client.Connect(listener.LocalEndpoint);
        _server = listener.AcceptSocket();
        _server.Blocking = false;
    }

    [Fact]
    public async Task It_takes_what_fits_says_when_it_is_full_and_goes_on_when_it_is_not()
    {
        var wire = new SocketWire(_server, () => { });
        var bytes = new byte[100_000];
        Random.Shared.NextBytes(bytes);
        var sent = new List<byte>();
        for (int taken; (taken = wire.TrySend(bytes)) > 0;) sent.AddRange(bytes[..taken]);
        Assert.Equal(0, wire.TrySend(bytes));

        var received = new byte[sent.Count];
        for (var count = 0; count < received.Length;) count += await _client.ReceiveAsync(received.AsMemory(count)).AsTask().WaitAsync(Deadline.Default);
        Assert.Equal(sent, received);
        await Deadline.UntilAsync("there is room again", () => Task.FromResult(wire.TrySend(bytes) > 0));
    }

    [Fact]
    public void Nothing_is_sent_to_a_socket_that_was_closed_here()
    {
        var wire = new SocketWire(_server, () => { });
        _server.Dispose();
        Assert.Equal(-1, wire.TrySend("late"u8));
        wire.Touch(); // Still harmless.
    }

    [Fact]
    public async Task A_socket_whose_client_has_gone_is_broken()
    {
        var wire = new SocketWire(_server, () => { });
        _client.LingerState = new LingerOption(true, 0);
        _client.Close(); // RST
        await Deadline.UntilAsync("the server knows", () => Task.FromResult(wire.TrySend("gone"u8) == -1));
    }

    public void Dispose()
    {
        _client.Dispose();
        _server.Dispose();
    }
}
