using TaskFlow.Push.Telemetry;
using TaskFlow.Push.Transports;

namespace TaskFlow.Push.WorkspaceLogs;

/// <summary>
/// A segment of the WebSocket lane once more, for connections that agreed on compression. A frame is compressed by the first of them that wants
/// it, and lies ready for the others from then on; where none is connected, nothing is compressed. It comes and goes with its segment.
/// </summary>
internal sealed class CompressedSegment(Segment plain, PushTelemetry telemetry) : Segment(plain.Capacity, plain.MaxCount, plain.FirstSeq)
{
    private readonly Lock _filling = new();

    public override Segment? Next => plain.Next switch
    {
        null => null,
        var next when next == Lost => Lost,
        var next => next.Compressed(telemetry),
    };

    /// <summary>How many frames there are; those that are new are compressed first.</summary>
    public override int Count
    {
        get
        {
            if (Written < plain.Count) Fill();
            return Written;
        }
    }

    /// <summary>Where the frame behind that many begins. What nobody has wanted compressed so far stays as it is: readers who stand behind it would wait for nothing.</summary>
    public int Seek(int count)
    {
        lock (_filling)
        {
            while (Written < count)
            {
                var frame = plain.Frame(Written).Span;
                frame.CopyTo(Free);
                Commit(frame.Length);
            }
        }
        return End(count);
    }

    private void Fill()
    {
        lock (_filling)
        {
            var count = plain.Count;
            while (Written < count) Commit(MessageDeflate.WriteFrame(Free, Framing.TextOf(plain.Frame(Written)).Span, telemetry));
        }
    }
}
