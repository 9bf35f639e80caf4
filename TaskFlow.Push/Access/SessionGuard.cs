using StackExchange.Redis;
using TaskFlow.Contracts;
using TaskFlow.Push.Connections;
using TaskFlow.Push.WorkspaceLogs;

namespace TaskFlow.Push.Access;

/// <summary>Ends the connections of revoked sessions: at once by the Redis hint, within seconds by the beacon without it.</summary>
internal sealed class SessionGuard(OpenLogs logs, PushServices services) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => services.Channels.SubscribeAsync(Topology.Channels.SessionsRevoked, OnHint);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Revoke(Guid session)
    {
        services.Revoked.Add(session);
        foreach (var log in logs.All)
        {
            foreach (var connection in log.Connections.All()) if (connection.SessionId == session) connection.Close(CloseReason.Revoked);
        }
    }

    private void OnHint(RedisValue value)
    {
        if (Guid.TryParse((string?)value, out var session)) Revoke(session);
    }
}
