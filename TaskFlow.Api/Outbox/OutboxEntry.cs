using TaskFlow.Contracts;

namespace TaskFlow.Api.Outbox;

/// <summary>An event on its way to the broker. Its state is guarded by the lock of its <see cref="OutboxQueue"/>.</summary>
internal sealed class OutboxEntry(EventMessage message)
{
    public EventMessage Message { get; private set; } = message;

    public OutboxEntryState State { get; set; } = OutboxEntryState.Pending;

    public Guid WorkspaceId => Message.WorkspaceId;

    public long Seq => Message.Seq;

    /// <summary>Notes when the commit was known.</summary>
    public void StampCommit(long micros) => Message = Message with { Internals = Message.Internals! with { CommittedAtMicros = micros } };
}

internal enum OutboxEntryState
{
    /// <summary>In a transaction that has its seq and is not over: what follows in that workspace waits.</summary>
    Pending,

    /// <summary>Committed, to be published.</summary>
    Committed,

    /// <summary>Rolled back, or left to the table: to be forgotten.</summary>
    Dropped,

    /// <summary>Published from the table already, perhaps before its transaction's end was known here.</summary>
    Published,
}
