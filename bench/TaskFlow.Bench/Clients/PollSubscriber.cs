using System.Text;
using TaskFlow.Bench.Setup;

namespace TaskFlow.Bench.Clients;

/// <summary>A long poller on one kept connection: the next request leaves when the last answer is complete.</summary>
internal sealed class PollSubscriber(Tally tally, Target target, long after) : Subscriber(tally, target, after)
{
    private static ReadOnlySpan<byte> IdKey => "\"connectionId\":\""u8;

    private readonly HttpDecoder _decoder = new();
    private string? _connectionId;
    private bool _welcomed;

    protected override string FirstRequest() => Request();

    protected override void OnBytes(ReadOnlySpan<byte> bytes) => _decoder.Read(bytes, OnBody, OnEnd);

    private void OnBody(ReadOnlySpan<byte> piece)
    {
        if (_decoder.Status != 200) throw new BenchException($"the poll was answered with {_decoder.Status}");
        if (_connectionId is null && piece.IndexOf(IdKey) is >= 0 and var at)
        {
            var rest = piece[(at + IdKey.Length)..];
            _connectionId = Encoding.ASCII.GetString(rest[..Math.Max(0, rest.IndexOf((byte)'"'))]);
        }
        Scan(piece);
    }

    private void OnEnd()
    {
        if (!_welcomed)
        {
            _welcomed = true;
            Welcomed();
        }
        SendAll(Encoding.ASCII.GetBytes(Request()));
    }

    private string Request() =>
        $"GET /realtime/{Target.Workspace}/poll?after={Last}&wait={(_welcomed ? 25 : 0)}{(_connectionId is null ? "" : $"&connectionId={_connectionId}")} HTTP/1.1\r\n" +
        $"Host: {Target.Host}:{Target.Port}\r\nAuthorization: Bearer {Target.Token}\r\n\r\n";
}
