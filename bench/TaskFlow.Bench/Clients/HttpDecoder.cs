using System.Globalization;
using System.Text;

namespace TaskFlow.Bench.Clients;

/// <summary>Takes HTTP/1.1 answers apart as their bytes come: headers, then a body by Content-Length, in chunks, or until the end.</summary>
internal sealed class HttpDecoder
{
    private readonly StringBuilder _line = new();
    private State _state = State.Headers;
    private long _left;
    private bool _chunked;
    private bool _lastChunk;

    private enum State { Headers, Body, ChunkSize, ChunkEnd, Raw }

    /// <summary>The status of the current answer; 0 until its first line is complete.</summary>
    public int Status { get; private set; }

    /// <summary>Called with a piece of a body.</summary>
    public delegate void BodyHandler(ReadOnlySpan<byte> piece);

    /// <summary>Reads a piece. <paramref name="onBody"/> gets body bytes (and everything behind a 101), <paramref name="onEnd"/> is called at each answer's end.</summary>
    public void Read(ReadOnlySpan<byte> bytes, BodyHandler onBody, Action onEnd)
    {
        while (!bytes.IsEmpty)
        {
            switch (_state)
            {
                case State.Raw:
                    onBody(bytes);
                    return;
                case State.Body:
                    var length = (int)Math.Min(_left, bytes.Length);
                    onBody(bytes[..length]);
                    bytes = bytes[length..];
                    _left -= length;
                    if (_left > 0) break;
                    if (_chunked) _state = State.ChunkEnd;
                    else Finish(onEnd);
                    break;
                default:
                    if (!TakeLine(ref bytes)) return;
                    OnLine(_line.ToString(), onEnd);
                    _line.Clear();
                    break;
            }
        }
    }

    private void OnLine(string line, Action onEnd)
    {
        switch (_state)
        {
            case State.Headers when line.StartsWith("HTTP/1.1 ", StringComparison.Ordinal):
                (Status, _left, _chunked) = (int.Parse(line.AsSpan(9, 3), CultureInfo.InvariantCulture), 0, false);
                break;
            case State.Headers when line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase):
                _left = long.Parse(line.AsSpan(15), CultureInfo.InvariantCulture);
                break;
            case State.Headers when line.StartsWith("Transfer-Encoding:", StringComparison.OrdinalIgnoreCase):
                _chunked = line.Contains("chunked", StringComparison.OrdinalIgnoreCase);
                break;
            case State.Headers when line.Length == 0:
                if (Status == 101) _state = State.Raw;
                else if (_chunked) _state = State.ChunkSize;
                else if (_left > 0) _state = State.Body;
                else Finish(onEnd);
                break;
            case State.ChunkSize:
                _left = long.Parse(line.AsSpan(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                _lastChunk = _left == 0;
                _state = _left > 0 ? State.Body : State.ChunkEnd;
                break;
            case State.ChunkEnd when _lastChunk:
                Finish(onEnd);
                break;
            case State.ChunkEnd:
                _state = State.ChunkSize;
                break;
        }
    }

    private void Finish(Action onEnd)
    {
        (_state, _lastChunk) = (State.Headers, false);
        onEnd();
    }

    private bool TakeLine(ref ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf((byte)'\n');
        var part = end < 0 ? bytes : bytes[..end];
        _line.Append(Encoding.ASCII.GetString(part).TrimEnd('\r'));
        bytes = end < 0 ? [] : bytes[(end + 1)..];
        return end >= 0;
    }
}
