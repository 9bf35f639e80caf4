using Npgsql;
using TaskFlow.Api.Access;

namespace TaskFlow.Api.Events;

/// <summary>
/// What a change sees of its transaction: the connection to read and lock with, and a place for what it wants written. That goes to the database when
/// the change is done, together with its events and the commit. One attempt has one; not thread-safe.
/// </summary>
internal sealed class WorkspaceTransaction(NpgsqlConnection connection, NpgsqlTransaction transaction, Membership? member)
{
    private readonly List<NpgsqlBatchCommand> _statements = [];
    private readonly List<EventDraft> _drafts = [];

    public NpgsqlConnection Connection => connection;

    public NpgsqlTransaction Transaction => transaction;

    /// <summary>Who makes the change, with the role as this transaction has read it.</summary>
    /// <exception cref="InvalidOperationException">The change was not made for a member.</exception>
    public Membership Member => member ?? throw new InvalidOperationException("The change runs alone and finds out by itself who may make it.");

    /// <summary>To be sent before the events are appended, in this order.</summary>
    public IReadOnlyList<NpgsqlBatchCommand> Statements => _statements;

    /// <summary>The events, in this order; they share workspace, actor and time.</summary>
    public IReadOnlyList<EventDraft> Drafts => _drafts;

    /// <summary>Has an event appended at the end of the transaction.</summary>
    public void Append(EventDraft draft) => _drafts.Add(draft);

    /// <summary>Has the statements sent and the events appended at the end of the transaction.</summary>
    public void Append(IEnumerable<EventDraft> drafts, IEnumerable<NpgsqlBatchCommand> statements)
    {
        _drafts.AddRange(drafts);
        _statements.AddRange(statements);
    }
}
