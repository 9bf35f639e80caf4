using System.Text;
using Npgsql;
using StackExchange.Redis;
using TaskFlow.Contracts;

namespace TaskFlow.Bench.Setup;

/// <summary>
/// Puts events straight onto the workspaces' Redis channels, past the API, so that the push tier alone is at its limit, and writes them into the logs a
/// moment later in large pieces: with their seqs and marked as published, so that a client which misses one gets it from the feed.
/// </summary>
internal sealed class Injector : IAsyncDisposable
{
    private const string Sql = """
        with wanted as (select * from unnest(@workspaces, @tasks, @counts) as w (workspace, task, count)),
        bumped as (
            update workspaces set seq = seq + w.count from wanted w where id = w.workspace
            returning w.workspace, w.task, w.count, seq),
        logged as (
            insert into events (workspace_id, seq, created_at, type, task_id, version, payload, user_id, user_name, origin)
            select b.workspace, b.seq - b.count + n, now(), 'task.updated', b.task, 1, @payload::json, @user, 'Bench', @user
            from bumped b, generate_series(1, b.count) n),
        marked as (
            insert into outbox_progress as o (workspace_id, published)
            select workspace, int8multirange(int8range(seq - count + 1, seq + 1)) from bumped
            on conflict (workspace_id) do update set published = o.published + excluded.published)
        select workspace, seq from bumped
        """;

    private readonly NpgsqlDataSource _database;
    private readonly ConnectionMultiplexer _redis;
    private readonly Log[] _logs;
    private readonly Guid _user = Guid.CreateVersion7();
    private readonly string _payload;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _committing;

    private Injector(NpgsqlDataSource database, ConnectionMultiplexer redis, IEnumerable<Room> rooms, long head, int bytes)
    {
        (_database, _redis) = (database, redis);
        _logs = [.. rooms.Select(room => new Log(room, head))];
        _payload = $$"""{"title":"{{new string('x', Math.Max(1, bytes - 270))}}"}""";
        _committing = Task.Run(CommitAsync);
    }

    /// <param name="postgres">Connection string of the database.</param>
    /// <param name="redis">Connection string of Redis.</param>
    /// <param name="rooms">Where events go.</param>
    /// <param name="head">The head of each room's workspace; nobody else may write to them from now on.</param>
    /// <param name="bytes">About how large an event is on the wire.</param>
    public static async Task<Injector> CreateAsync(string postgres, string redis, IEnumerable<Room> rooms, long head, int bytes = 300) =>
        new(NpgsqlDataSource.Create(postgres), await ConnectionMultiplexer.ConnectAsync(redis), rooms, head, bytes);

    /// <summary>Publishes that many events to the room with that index; returns the last seq.</summary>
    public long Inject(int room, int count, Action<int, long> sending)
    {
        var log = _logs[room];
        var subscriber = _redis.GetSubscriber();
        for (var i = 0; i < count; i++)
        {
            var seq = log.Published + 1;
            sending(room, seq);
            var text = $$"""{"type":"task.updated","workspaceId":"{{log.Workspace}}","seq":{{seq}},"taskId":"{{log.Task}}","version":1,"payload":{{_payload}},"userId":"{{_user}}","userName":"Bench","mutationId":null,"timestamp":"{{DateTimeOffset.UtcNow:O}}"}""";
            subscriber.Publish(log.Channel, Encoding.UTF8.GetBytes(text), CommandFlags.FireAndForget);
            log.Published = seq;
        }
        return log.Published;
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
        while (!_stopping.IsCancellationRequested || _logs.Any(log => log.Published > log.Committed))
        {
            var behind = _logs.Select(log => (Log: log, Count: log.Published - log.Committed)).Where(item => item.Count > 0).ToList();
            if (behind.Count > 0) await CommitAsync(behind);
            await Task.WhenAny(Task.Delay(200, _stopping.Token));
        }
    }

    private async Task CommitAsync(List<(Log Log, long Count)> behind)
    {
        await using var command = _database.CreateCommand(Sql);
        command.Parameters.AddWithValue("workspaces", behind.ConvertAll(item => item.Log.Workspace));
        command.Parameters.AddWithValue("tasks", behind.ConvertAll(item => item.Log.Task));
        command.Parameters.AddWithValue("counts", behind.ConvertAll(item => item.Count));
        command.Parameters.AddWithValue("payload", _payload);
        command.Parameters.AddWithValue("user", _user);
        var heads = new Dictionary<Guid, long>();
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync()) heads.Add(reader.GetGuid(0), reader.GetInt64(1));
        }
        foreach (var (log, count) in behind)
        {
            log.Committed += count;
            if (!heads.TryGetValue(log.Workspace, out var head)) throw new BenchException("a workspace is gone");
            if (head != log.Committed) throw new BenchException($"somebody else writes to the workspace: its head is {head}, not {log.Committed}");
        }
    }

    /// <summary>How far one room is.</summary>
    private sealed class Log(Room room, long head)
    {
        private long _published = head;

        public Guid Workspace { get; } = room.Workspace;
        public Guid Task { get; } = room.Task;
        public RedisChannel Channel { get; } = RedisChannel.Literal(Topology.Channels.Events(room.Workspace));
        public long Committed { get; set; } = head;

        public long Published
        {
            get => Volatile.Read(ref _published);
            set => Volatile.Write(ref _published, value);
        }
    }
}
