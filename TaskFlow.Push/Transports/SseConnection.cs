using System.IO.Pipelines;
using TaskFlow.Push.Access;
using TaskFlow.Push.Connections;
using TaskFlow.Push.Telemetry;
using TaskFlow.Push.WorkspaceLogs;

namespace TaskFlow.Push.Transports;

/// <summary>An event stream: the same cursor on the lane of its format. What its client has to say comes by <c>POST …/send</c>.</summary>
internal sealed class SseConnection(PushServices services, WorkspaceLog log, Caller caller, Framing framing, ResumePlan plan)
    : StreamConnection(services, log, caller, TransportKind.Sse, framing, plan)
{
    public override async Task RunAsync(PipeReader input, Wire wire)
    {
        Services.Endpoints.Add(this); // Before the welcome, whose client may send at once.
        try { await base.RunAsync(input, wire); }
        finally { Services.Endpoints.Remove(this); }
    }

    protected override async Task ReceiveAsync(PipeReader input)
    {
        while (true)
        {
            var result = await input.ReadAsync();
            input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted || result.IsCanceled) return;
        }
    }

    protected override void WriteClose(Outbox outbox, CloseReason reason)
    {
        outbox.Add(Framing, null, Frames.Error(reason.ErrorCode, reason.Message, null));
        if (Framing == Framing.SseChunked) outbox.Add("0\r\n\r\n"u8);
    }

    protected override bool MayEnd()
    {
        EndOutput();
        return true;
    }
}
