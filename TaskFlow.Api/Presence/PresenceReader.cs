using Npgsql;
using StackExchange.Redis;
using TaskFlow.Api.Caching;
using TaskFlow.Api.Database;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Presence;

/// <summary>Reads what Push keeps in Redis. While Redis is away nobody is known to be anywhere: presence is worth no error.</summary>
internal sealed class PresenceReader(NpgsqlDataSource database, RedisLink redis, TimeProvider time)
{
    private const string NamesSql = """
        select m.user_id, u.name from members m join users u on u.id = m.user_id where m.workspace_id = $1 and m.user_id = any($2)
        """;

    /// <summary>Who is on the task, longest there first; null when there is no such task.</summary>
    public async Task<IReadOnlyList<PresenceViewer>?> ReadAsync(Guid workspaceId, Guid taskId, CancellationToken ct)
    {
        var (viewers, typing) = await redis.TryAsync<(RedisValue[], RedisValue[])>(store => ReadSetsAsync(store, workspaceId, taskId), ([], []));
        var people = new Dictionary<Guid, (DateTimeOffset Since, bool Typing)>();
        foreach (var member in viewers)
        {
            if (!PresenceKeys.TryParseMember(member.ToString(), out var userId, out var since, out _)) continue;
            var isTyping = typing.Contains(member);
            people[userId] = people.TryGetValue(userId, out var known)
                ? (known.Since < since ? known.Since : since, known.Typing || isTyping)
                : (since, isTyping);
        }
        return await ReadNamesAsync(workspaceId, taskId, [.. people.Keys], ct) is { } names
            ? [.. from person in people
                  where names.ContainsKey(person.Key)
                  orderby person.Value.Since, person.Key
                  select new PresenceViewer(person.Key, names[person.Key], person.Value.Typing, person.Value.Since)]
            : null;
    }

    private async Task<(RedisValue[] Viewers, RedisValue[] Typing)> ReadSetsAsync(IDatabase store, Guid workspaceId, Guid taskId)
    {
        var now = time.GetUtcNow();
        var viewers = store.SortedSetRangeByScoreAsync(PresenceKeys.Viewers(workspaceId, taskId), (now - PresenceKeys.Lifetime).ToUnixTimeMilliseconds());
        var typing = store.SortedSetRangeByScoreAsync(PresenceKeys.Typing(workspaceId, taskId), (now - PresenceKeys.TypingLifetime).ToUnixTimeMilliseconds());
        return (await viewers, await typing);
    }

    private async Task<Dictionary<Guid, string>?> ReadNamesAsync(Guid workspaceId, Guid taskId, Guid[] users, CancellationToken ct)
    {
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand("select from tasks where id = $1 and workspace_id = $2") { Parameters = { Param.Of(taskId), Param.Of(workspaceId) } });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(NamesSql) { Parameters = { Param.Of(workspaceId), Param.Of(users) } });
        await using var reader = await batch.ExecuteReaderAsync(ct);
        if (!await reader.ReadAsync(ct)) return null;
        await reader.NextResultAsync(ct);
        var names = new Dictionary<Guid, string>();
        while (await reader.ReadAsync(ct)) names[reader.GetGuid(0)] = reader.GetString(1);
        return names;
    }
}
