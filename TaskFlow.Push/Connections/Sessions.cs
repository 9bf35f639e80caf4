using Microsoft.Extensions.Options;
using TaskFlow.Push.Access;
using TaskFlow.Push.WorkspaceLogs;

namespace TaskFlow.Push.Connections;

internal enum Admission { Granted, TooManyOfUser, TooManyInWorkspace }

/// <summary>Counts the open connections per person and per login session, and the new ones per second.</summary>
internal sealed class Sessions(IOptions<RealtimeOptions> options, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, int> _users = [];
    private readonly Dictionary<Guid, int> _sessions = [];
    private double _handshakes = options.Value.HandshakeBurst;
    private long _refilledAt = time.GetTimestamp();

    /// <summary>False when more new connections come than the instance takes.</summary>
    public bool TakeHandshake()
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            _handshakes = Math.Min(options.Value.HandshakeBurst, _handshakes + (time.GetElapsedTime(_refilledAt, now).TotalSeconds * options.Value.HandshakesPerSecond));
            _refilledAt = now;
            if (_handshakes < 1) return false;
            _handshakes--;
            return true;
        }
    }

    /// <summary>Counts a connection in; every one that was granted must be taken back by <see cref="Left(Connection)"/> or <see cref="Left(Guid, Guid)"/>.</summary>
    public Admission Enter(Caller caller, WorkspaceLog log)
    {
        lock (_gate)
        {
            if (_users.GetValueOrDefault(caller.UserId) >= options.Value.MaxConnectionsPerUser) return Admission.TooManyOfUser;
            if (log.Connections.Count >= options.Value.MaxConnectionsPerWorkspace) return Admission.TooManyInWorkspace;
            Add(_users, caller.UserId, 1);
            Add(_sessions, caller.SessionId, 1);
            return Admission.Granted;
        }
    }

    public void Left(Connection connection) => Left(connection.UserId, connection.SessionId);

    public void Left(Guid user, Guid session)
    {
        lock (_gate)
        {
            Add(_users, user, -1);
            Add(_sessions, session, -1);
        }
    }

    /// <summary>A connection showed a token of another session. Returns that session.</summary>
    public Guid Move(Guid from, Guid to)
    {
        if (from == to) return to;
        lock (_gate)
        {
            Add(_sessions, from, -1);
            Add(_sessions, to, 1);
            return to;
        }
    }

    /// <summary>The sessions that have connections here: one part of several, by their ids.</summary>
    public List<Guid> Part(int part, int of)
    {
        lock (_gate) return [.. _sessions.Keys.Where(session => (uint)session.GetHashCode() % (uint)of == (uint)part)];
    }

    private static void Add(Dictionary<Guid, int> counts, Guid key, int difference)
    {
        var count = counts.GetValueOrDefault(key) + difference;
        if (count <= 0) counts.Remove(key);
        else counts[key] = count;
    }
}
