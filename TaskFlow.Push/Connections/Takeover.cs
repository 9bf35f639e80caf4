using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace TaskFlow.Push.Connections;

/// <summary>What goes on with a connection after its HTTP request: a WebSocket or an event stream.</summary>
internal interface ITakeover
{
    /// <summary>Runs until the connection is over.</summary>
    Task RunAsync(PipeReader input, Wire wire);
}

/// <summary>What goes on with a connection between two requests that Kestrel serves.</summary>
internal interface IInterlude
{
    /// <summary>Runs until HTTP is to go on, with everything in the input that was not consumed; does not throw.</summary>
    Task RunAsync(PipeReader input, Wire wire, Socket socket, CancellationToken closed);
}

/// <summary>
/// A Kestrel connection middleware that lets a request hand its plain TCP connection over: the handler answers (101, or the head of an event
/// stream), names who takes over and returns. HTTP then ends as far as Kestrel is concerned, all its objects for the connection go, and the
/// new owner has the socket, for good or for an interlude after which HTTP begins anew. TLS connections stay with Kestrel; the same owner runs inside
/// the request there, and there are no interludes.
/// </summary>
internal sealed class Takeover : IConnectionHeartbeatFeature
{
    /// <summary>
    /// How much of a client's input Kestrel reads ahead of whoever uses it. Less than any request that is worth lending a connection for: its input must be able to stand
    /// still. It costs nothing else, since all of it is used on the thread that reads.
    /// </summary>
    public const int MaxReadAhead = 128;

    private readonly ConnectionContext _connection;
    private readonly IConnectionHeartbeatFeature? _heartbeat;
    private readonly TakeoverPipe _pipe;
    private readonly Socket _socket;
    private List<(Action<object> Action, object State)>? _beats;
    private bool _beating;
    private ITakeover? _owner;
    private IInterlude? _interlude;

    private Takeover(ConnectionContext connection, Socket socket)
    {
        (_connection, _socket) = (connection, socket);
        _heartbeat = connection.Features.Get<IConnectionHeartbeatFeature>();
        connection.Transport = _pipe = new TakeoverPipe(connection.Transport.Input, new SocketOutput(socket));
        connection.Features.Set(this);
        if (_heartbeat is not null) connection.Features.Set<IConnectionHeartbeatFeature>(this);
    }

    /// <summary>Installs the middleware on every endpoint.</summary>
    public static void Use(ListenOptions listen)
    {
        // Extended CONNECT (RFC 8441) has no connection to hand over; TLS and HTTP/2 end at the load balancer.
        listen.Protocols = HttpProtocols.Http1;
        listen.Use(next => connection => connection.Features.Get<IConnectionSocketFeature>()?.Socket is { ProtocolType: ProtocolType.Tcp or ProtocolType.IP or ProtocolType.Unspecified } socket
            ? RunAsync(new Takeover(connection, socket), next)
            : next(connection));
    }

    /// <summary>Hands the connection over when the request's handler has returned. The response head must have been flushed.</summary>
    public static Task HandOverAsync(HttpContext context, ITakeover owner, Stream? upgraded)
    {
        if (Of(context) is { } takeover)
        {
            takeover._owner = owner;
            takeover._pipe.End();
            return Task.CompletedTask;
        }
        return upgraded is not null
            ? owner.RunAsync(PipeReader.Create(upgraded), new PipeWire(PipeWriter.Create(upgraded), context.Abort))
            : RunInsideAsync(context, owner);
    }

    /// <summary>Whether Kestrel reads no further from the socket until somebody looks at the last of that input.</summary>
    public static bool IsPausedBy(in ReadOnlySequence<byte> input) => DirectReceive.IsSupported && input.Length >= MaxReadAhead;

    /// <summary>The takeover of that request's connection; null for TLS, of which the request's scheme says nothing: a proxy may have named it.</summary>
    public static Takeover? Of(HttpContext context) => context.Features.Get<ITlsConnectionFeature>() is null ? context.Features.Get<Takeover>() : null;

    private static async Task RunInsideAsync(HttpContext context, ITakeover owner)
    {
        // The request's own body is at its end from the start; what ends an event stream is that its client goes.
        var silence = new Pipe();
        await using var gone = context.RequestAborted.UnsafeRegister(static writer => ((PipeWriter)writer!).Complete(), silence.Writer);
        await owner.RunAsync(silence.Reader, new PipeWire(context.Response.BodyWriter, context.Abort));
    }

    /// <summary>
    /// The head of the GET that is being served, as it came, if it came in one piece. Heads are kept from the first time on that somebody asks for one: that
    /// first answer is always null.
    /// </summary>
    public byte[]? RequestHead() => _pipe.RequestHead();

    /// <summary>How often an interlude was begun on this connection.</summary>
    public int Interludes { get; private set; }

    /// <summary>Lends the connection when the request's handler has returned. The response must have been flushed, and leave the connection open.</summary>
    public void Lend(IInterlude interlude)
    {
        Interludes++;
        _interlude = interlude;
        _pipe.End();
    }

    /// <summary>Whether the stream's writers pass Kestrel by, and so write chunks themselves where HTTP/1.1 wants them.</summary>
    public static bool WillPassKestrelBy(HttpContext context) => Of(context) is not null;

    private static async Task RunAsync(Takeover takeover, ConnectionDelegate next)
    {
        takeover._socket.Blocking = false; // A full socket answers at once instead of holding the thread.
        while (true)
        {
            try { await next(takeover._connection); }
            finally
            {
                // Whatever became of the request: who was promised the connection gets it, if only to see that it is over.
                if (takeover._owner is { } owner)
                {
                    var (connection, socket, input) = takeover.Release();
                    await owner.RunAsync(input, new SocketWire(socket, connection.Abort));
                }
            }
            if (takeover._interlude is not { } interlude) return;
            (takeover._interlude, takeover._beats) = (null, null);
            await interlude.RunAsync(takeover._pipe.Original, new SocketWire(takeover._socket, takeover._connection.Abort), takeover._socket, takeover._connection.ConnectionClosed);
            takeover._pipe.Resume();
            takeover._connection.Features.Get<IConnectionMetricsTagsFeature>()?.Tags.Clear(); // HTTP puts its own there each time it begins.
        }
    }

    /// <summary>Lets go of everything that HTTP has hung onto the connection and that would live as long as it otherwise.</summary>
    private (ConnectionContext, Socket, PipeReader) Release()
    {
        _beats = null;
        _owner = null;
        _connection.Features.Set<IConnectionTimeoutFeature>(null);
        _connection.Features.Set<Takeover>(null);
        return (_connection, _socket, _pipe.Original);
    }

    void IConnectionHeartbeatFeature.OnHeartbeat(Action<object> action, object state)
    {
        if (!_beating) _heartbeat!.OnHeartbeat(static self => ((Takeover)self).Beat(), this);
        _beating = true;
        (_beats ??= []).Add((action, state));
    }

    private void Beat()
    {
        if (_beats is not { } beats) return;
        foreach (var (action, state) in beats) action(state);
    }
}
