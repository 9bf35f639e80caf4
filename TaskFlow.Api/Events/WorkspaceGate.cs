using TaskFlow.Api.Http;

namespace TaskFlow.Api.Events;

/// <summary>
/// Lets a few writers of a workspace at a time into the database. They are serial there anyway, from the seq to the commit; without this, the writers
/// of one busy workspace would wait for its row with a connection each, until there is none left for anybody else.
/// </summary>
internal sealed class WorkspaceGate
{
    private const int Stripes = 256;
    private const int WritersAtATime = 6;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim[] _gates = [.. Enumerable.Range(0, Stripes).Select(_ => new SemaphoreSlim(WritersAtATime))];

    /// <summary>Waits for a turn, to be given back with <see cref="Leave"/>; throws a 503 when there is none in time.</summary>
    public async Task EnterAsync(Guid workspaceId, CancellationToken cancellationToken)
    {
        if (!await GateOf(workspaceId).WaitAsync(Patience, cancellationToken))
        {
            throw new ProblemException(Problems.Unavailable(TimeSpan.FromSeconds(1), "Too many changes of this workspace are waiting just now."));
        }
    }

    public void Leave(Guid workspaceId) => GateOf(workspaceId).Release();

    private SemaphoreSlim GateOf(Guid workspaceId) => _gates[(uint)workspaceId.GetHashCode() % Stripes];
}
