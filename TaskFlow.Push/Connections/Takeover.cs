using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace TaskFlow.Push.Connections;

/// <summary>What goes on with a connection after its HTTP request: a WebSocket or an event stream.</summary>
internal interface ITakeover
{
    /// <summary>Runs until the connection is over.</summary>
    Task RunAsync(PipeReader input, Wire wire);
}

/// <summary>
/// A Kestrel connection middleware that lets a request hand its plain TCP connection over: the handler answers (101, or the head of an event
/// stream), names who takes over and returns. HTTP then ends as far as Kestrel is concerned, all its objects for the connection go, and the
/// new owner has the socket. TLS connections stay with Kestrel; the same owner runs inside the request there.
/// </summary>
internal sealed class Takeover : IConnectionHeartbeatFeature
{
    private readonly ConnectionContext _connection;
    private readonly IConnectionHeartbeatFeature? _heartbeat;
    private readonly TakeoverPipe _pipe;
    private readonly Socket _socket;
    private List<(Action<object> Action, object State)>? _beats;
    private ITakeover? _owner;

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
        if (context.Features.Get<Takeover>() is { } takeover && !context.Request.IsHttps)
        {
            takeover._owner = owner;
            takeover._pipe.End();
            return Task.CompletedTask;
        }
        return upgraded is not null
            ? owner.RunAsync(PipeReader.Create(upgraded), new PipeWire(PipeWriter.Create(upgraded), context.Abort))
            : owner.RunAsync(context.Request.BodyReader, new PipeWire(context.Response.BodyWriter, context.Abort));
    }

    /// <summary>Whether the stream's writers pass Kestrel by, and so write chunks themselves where HTTP/1.1 wants them.</summary>
    public static bool WillPassKestrelBy(HttpContext context) => context.Features.Get<Takeover>() is not null && !context.Request.IsHttps;

    private static async Task RunAsync(Takeover takeover, ConnectionDelegate next)
    {
        takeover._socket.Blocking = false; // A full socket answers at once instead of holding the thread.
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
        if (_beats is null) _heartbeat!.OnHeartbeat(static self => ((Takeover)self).Beat(), this);
        (_beats ??= []).Add((action, state));
    }

    private void Beat()
    {
        if (_beats is not { } beats) return;
        foreach (var (action, state) in beats) action(state);
    }

    /// <summary>What Kestrel sees as the transport: after the takeover its input is at its end and its output goes nowhere.</summary>
    private sealed class TakeoverPipe(PipeReader input, PipeWriter output) : PipeReader, IDuplexPipe
    {
        private bool _ended;

        public PipeReader Original => input;
        public PipeReader Input => this;
        public PipeWriter Output => output;

        public void End()
        {
            _ended = true;
            (output as SocketOutput)?.Silence();
        }

        public override bool TryRead(out ReadResult result)
        {
            if (!_ended) return input.TryRead(out result);
            result = new ReadResult(default, isCanceled: false, isCompleted: true);
            return true;
        }

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            if (_ended) return ValueTask.FromResult(new ReadResult(default, isCanceled: false, isCompleted: true));
            var read = input.ReadAsync(cancellationToken);
            // A held poll is answered by the thread that serves the whole shard. If its next request is there already, another thread takes it: whoever sends
            // request after request without waiting for answers would have all the others wait.
            return read.IsCompleted && ConnectionShard.IsServing ? ElsewhereAsync(read) : read;
        }

        private static async ValueTask<ReadResult> ElsewhereAsync(ValueTask<ReadResult> read)
        {
            await Task.Yield();
            return await read;
        }

        public override void AdvanceTo(SequencePosition consumed)
        {
            if (!_ended) input.AdvanceTo(consumed);
        }

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
        {
            if (!_ended) input.AdvanceTo(consumed, examined);
        }

        public override void CancelPendingRead()
        {
            if (!_ended) input.CancelPendingRead();
        }

        public override void Complete(Exception? exception = null)
        {
            if (!_ended) input.Complete(exception);
        }
    }
}
