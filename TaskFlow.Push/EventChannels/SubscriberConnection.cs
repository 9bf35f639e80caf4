using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using StackExchange.Redis;

namespace TaskFlow.Push.EventChannels;

/// <summary>
/// A connection to Redis that subscribes. One thread reads, and it waits in the system's call itself: no other thread has to wake it.
/// Any thread may send, one at a time.
/// </summary>
internal sealed class SubscriberConnection : IDisposable
{
    private const int UsualBuffer = 64 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SendPatience = TimeSpan.FromSeconds(1);
    private readonly Socket _socket;
    private CancellationTokenRegistration _cancellation;
    private Stream _stream = Stream.Null;
    private byte[] _buffer = new byte[UsualBuffer];
    private int _start;
    private int _end;
    private long _received;

    private SubscriberConnection(EndPoint endpoint)
    {
        _socket = endpoint.AddressFamily == AddressFamily.Unix
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        // A Redis that takes nothing any more is one that is away.
        _socket.SendTimeout = (int)SendPatience.TotalMilliseconds;
    }

    /// <summary>Bytes received so far: what does not grow tells of a connection that is dead.</summary>
    public long Received => Volatile.Read(ref _received);

    /// <summary>Connects and signs in, which may take five seconds. The socket must stay a blocking one, so there is nothing asynchronous here.</summary>
    /// <param name="endpoint">Where Redis is.</param>
    /// <param name="options">User, password and TLS.</param>
    /// <param name="cancellationToken">Ends the connection, now and later.</param>
    /// <exception cref="IOException">Redis is not there, or not in time; or it refuses the password.</exception>
    public static SubscriberConnection Open(EndPoint endpoint, ConfigurationOptions options, CancellationToken cancellationToken)
    {
        var connection = new SubscriberConnection(endpoint);
        connection._cancellation = cancellationToken.UnsafeRegister(static state => ((SubscriberConnection)state!).Dispose(), connection);
        using var deadline = new Timer(static state => ((SubscriberConnection)state!).Dispose(), connection, Patience, Timeout.InfiniteTimeSpan);
        try
        {
            connection._socket.Connect(endpoint);
            connection._stream = new NetworkStream(connection._socket, ownsSocket: true);
            if (options.Ssl) connection.Encrypt(options, endpoint);
            connection.SignIn(options);
            return connection;
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or System.Security.Authentication.AuthenticationException)
        {
            connection.Dispose();
            throw new IOException(error is ObjectDisposedException ? "Redis does not answer in time" : error.Message, error);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Waits for more. False when Redis has closed the connection.</summary>
    /// <exception cref="IOException">The connection is broken, or was disposed of.</exception>
    public bool Receive()
    {
        MakeRoom();
        int read;
        try { read = _stream.Read(_buffer, _end, _buffer.Length - _end); }
        catch (ObjectDisposedException error) { throw new IOException("the connection was closed here", error); }
        _end += read;
        Volatile.Write(ref _received, _received + read);
        return read > 0;
    }

    /// <summary>Takes the next reply of what has been received; it is valid until the next <see cref="Receive"/>.</summary>
    public bool TryRead(out SubscriberReply reply)
    {
        if (!SubscriberReply.TryRead(_buffer.AsSpan(_start, _end - _start), out reply, out var consumed)) return false;
        _start += consumed;
        return true;
    }

    /// <summary>Sends a command; blocks as long as Redis takes nothing.</summary>
    public void Send(params ReadOnlySpan<string> words)
    {
        var command = new ArrayBufferWriter<byte>(256);
        Write(command, string.Create(CultureInfo.InvariantCulture, $"*{words.Length}\r\n"));
        foreach (var word in words)
        {
            Write(command, string.Create(CultureInfo.InvariantCulture, $"${Encoding.UTF8.GetByteCount(word)}\r\n"));
            Write(command, word);
            Write(command, "\r\n");
        }
        try { _stream.Write(command.WrittenSpan); }
        catch (ObjectDisposedException error) { throw new IOException("the connection was closed here", error); }

        static void Write(ArrayBufferWriter<byte> to, string text) => Encoding.UTF8.GetBytes(text, to);
    }

    public void Dispose()
    {
        _cancellation.Dispose();
        _stream.Dispose();
        _socket.Dispose();
    }

    private void Encrypt(ConfigurationOptions options, EndPoint endpoint)
    {
        var encrypted = new SslStream(_stream);
        encrypted.AuthenticateAsClient(new SslClientAuthenticationOptions
        {
            TargetHost = options.SslHost ?? (endpoint as DnsEndPoint)?.Host ?? (endpoint as IPEndPoint)?.Address.ToString() ?? "",
            EnabledSslProtocols = options.SslProtocols ?? System.Security.Authentication.SslProtocols.None,
            CertificateRevocationCheckMode = options.CheckCertificateRevocation ? System.Security.Cryptography.X509Certificates.X509RevocationMode.Online : System.Security.Cryptography.X509Certificates.X509RevocationMode.NoCheck,
        });
        _stream = encrypted;
    }

    private void SignIn(ConfigurationOptions options)
    {
        if (options.Password is not { Length: > 0 } password) return;
        if (options.User is { Length: > 0 } user) Send("AUTH", user, password);
        else Send("AUTH", password);
        SubscriberReply reply;
        while (!TryRead(out reply)) if (!Receive()) throw new IOException("Redis closes the connection");
        if (reply.Kind == ReplyKind.Error) throw new IOException($"Redis refuses the password: {Encoding.UTF8.GetString(reply.Text)}");
    }

    /// <summary>What is not read yet, a part of one message, goes to the front; a large message gets a larger buffer for as long as it takes.</summary>
    private void MakeRoom()
    {
        var waiting = _end - _start;
        if (_start > 0) _buffer.AsSpan(_start, waiting).CopyTo(_buffer);
        (_start, _end) = (0, waiting);
        if (waiting == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
        else if (waiting == 0 && _buffer.Length > UsualBuffer) _buffer = new byte[UsualBuffer];
    }
}
