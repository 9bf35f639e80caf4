using System.Text;
using Npgsql;
using StackExchange.Redis;
using TaskFlow.Contracts;

namespace TaskFlow.Bench.Setup;

/// <summary>
/// Puts events straight onto the workspace's Redis channel, past the API, so that the push tier alone is at its limit, and writes them into the log a
/// moment later in large pieces: with their seqs and marked as published, so that a client which misses one gets it from the feed.
/// </summary>
internal sealed class Injector : IAsyncDisposable
{
    private const string Sql = """
        with bumped as (update workspaces set seq = seq + @count where id = @workspace returning seq),
        logged as (
            insert into events (workspace_id, seq, created_at, type, task_id, version, payload, user_id, user_name, origin)
            select @workspace, bumped.seq - @count + n, now(), 'task.updated', @task, 1, @payload::json, @user, 'Bench', @user
            from bumped, generate_series(1, @count) n),
        marked as (
            insert into outbox_progress as o (workspace_id, published)
            select @workspace, int8multirange(int8range(seq - @count + 1, seq + 1)) from bumped
            on conflict (workspace_id) do update set published = o.published + excluded.published)
        select seq from bumped
        """;

    private readonly NpgsqlDataSource _database;
    private readonly ConnectionMultiplexer _redis;
    private readonly Guid _workspace;
    private readonly Guid _task;
    private readonly Guid _user = Guid.CreateVersion7();
    private readonly string _payload;

    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _committing;
    private long _published;
    private long _committed;

    private Injector(NpgsqlDataSource database, ConnectionMultiplexer redis, Room room, long head, int bytes)
    {
        (_database, _redis, _workspace, _task) = (database, redis, room.Workspace, room.Task);
        (_published, _committed) = (head, head);
        _payload = $$"""{"title":"{{new string('x', Math.Max(1, bytes - 270))}}"}""";
        _committing = Task.Run(CommitAsync);
    }

    /// <param name="head">The workspace's head; nobody else may write to it from now on.</param>
    /// <param name="bytes">About how large an event is on the wire.</param>
    public static async Task<Injector> CreateAsync(string postgres, string redis, Room room, long head, int bytes = 300) =>
        new(NpgsqlDataSource.Create(postgres), await ConnectionMultiplexer.ConnectAsync(redis), room, head, bytes);

    /// <summary>Publishes that many events; returns the last seq.</summary>
    public long Inject(int count, Action<long> sending)
    {
        var channel = RedisChannel.Literal(Topology.Channels.Events(_workspace));
        var subscriber = _redis.GetSubscriber();
        for (var i = 0; i < count; i++)
        {
            var seq = _published + 1;
            sending(seq);
            var text = $$"""{"type":"task.updated","workspaceId":"{{_workspace}}","seq":{{seq}},"taskId":"{{_task}}","version":1,"payload":{{_payload}},"userId":"{{_user}}","userName":"Bench","mutationId":null,"timestamp":"{{DateTimeOffset.UtcNow:O}}"}""";
            subscriber.Publish(channel, Encoding.UTF8.GetBytes(text), CommandFlags.FireAndForget);
            Volatile.Write(ref _published, seq);
        }
        return _published;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _committing;
        await _redis.DisposeAsync();
        await _database.DisposeAsync();
        _stopping.Dispose();
    }

    private async Task CommitAsync()
    {
        while (!_stopping.IsCancellationRequested || Volatile.Read(ref _published) > _committed)
        {
            var count = (int)(Volatile.Read(ref _published) - _committed);
            if (count > 0)
            {
                await using var command = _database.CreateCommand(Sql);
                command.Parameters.AddWithValue("count", count);
                command.Parameters.AddWithValue("workspace", _workspace);
                command.Parameters.AddWithValue("task", _task);
                command.Parameters.AddWithValue("payload", _payload);
                command.Parameters.AddWithValue("user", _user);
                var last = (long)(await command.ExecuteScalarAsync() ?? throw new BenchException("the workspace is gone"));
                _committed += count;
                if (last != _committed) throw new BenchException($"somebody else writes to the workspace: its head is {last}, not {_committed}");
            }
            await Task.WhenAny(Task.Delay(200, _stopping.Token));
        }
    }
}
