using System.Collections.Concurrent;

namespace TaskFlow.Push.Connections;

/// <summary>The connections that get their client's frames by <c>POST …/send</c>, by id.</summary>
internal sealed class Endpoints
{
    private readonly ConcurrentDictionary<long, Connection> _connections = new();

    public void Add(Connection connection) => _connections[connection.Id] = connection;
    public void Remove(Connection connection) => _connections.TryRemove(KeyValuePair.Create(connection.Id, connection));
    public Connection? Find(long id) => _connections.GetValueOrDefault(id);
}
